import type { RehearsalCase } from "../../case.ts";
import { backWithoutPaying } from "./back-without-paying.ts";
import { cancelled, declined, expired, failed } from "./not-paid.ts";
import { paidByQr, paidOnPhone } from "./paid.ts";
import { paidLate } from "./paid-late.ts";
import { secondAttempt } from "./second-attempt.ts";
import { paidTwice, twoTabs } from "./two-captures.ts";

export const outcomesCases: readonly RehearsalCase[] = [
  paidByQr,
  paidOnPhone,
  ...declined,
  cancelled,
  expired,
  failed,
  backWithoutPaying,
  secondAttempt,
  paidLate,
  twoTabs,
  paidTwice,
];
