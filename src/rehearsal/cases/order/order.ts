import type { RehearsalCase } from "../../case.ts";
import { notificationsAtOnce, notificationTwice, notificationTwin } from "./duplicates.ts";
import { fiftyAtOnce } from "./fifty-at-once.ts";
import { capturedAfterCancel, capturedAfterRefund } from "./old-captured.ts";
import { oldRefundNotification, refundNotificationFirst } from "./refund-notifications.ts";
import { webhookAfterReturn, webhookLate } from "./webhook-after-return.ts";
import { webhookAndReturn } from "./webhook-and-return.ts";
import { webhookBeforeCreateAnswer } from "./webhook-before-create-answer.ts";
import { webhookBeforeReturn } from "./webhook-before-return.ts";
import { webhookNever } from "./webhook-never.ts";

export const orderCases: readonly RehearsalCase[] = [
  webhookAndReturn,
  webhookBeforeReturn,
  webhookBeforeCreateAnswer,
  webhookAfterReturn,
  webhookLate,
  webhookNever,
  notificationTwice,
  notificationTwin,
  notificationsAtOnce,
  fiftyAtOnce,
  capturedAfterRefund,
  capturedAfterCancel,
  refundNotificationFirst,
  oldRefundNotification,
];
