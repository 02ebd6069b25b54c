import { contractOf } from "../../domain/contract.ts";
import {
  mismatchedAmount,
  type Notification,
  type NotificationState,
  webhookDelayMs,
} from "../../domain/notification.ts";
import type { Payment } from "../../domain/payment.ts";
import { providerRefundStatusOf, type Refund } from "../../domain/refund.ts";
import { retryDelaysMs } from "../../domain/retry-schedule.ts";
import type { WebhookPlan } from "../../domain/scenario.ts";
import { newTask } from "../../domain/task.ts";
import { unusualJson } from "../../domain/unusual-json.ts";
import type { World } from "../../domain/world.ts";
import type { Ids } from "../../platform/ids.ts";
import type { UnitOfWork } from "../../store/store.ts";

/** The subject of a notification. `base` is the base URL of the hosted pages, for a pending payment. */
export type NotificationSubject =
  | { readonly type: "payment"; readonly payment: Payment; readonly base?: string }
  | { readonly type: "refund"; readonly payment: Payment; readonly refund: Refund };

/** Writes the body of a notification. */
export type RenderNotification = (
  notification: { readonly id: string; readonly createTime: number },
  subject: NotificationSubject,
) => string;

/** Writes the notifications about payments and refunds. */
export class NotificationWriter {
  readonly #ids: Ids;
  readonly #render: RenderNotification;

  constructor(ids: Ids, render: RenderNotification) {
    this.#ids = ids;
    this.#render = render;
  }

  /** Saves a notification, and schedules its delivery. With the plan `twin` there are two. @param now world time. */
  async add(
    unit: UnitOfWork,
    world: World,
    subject: NotificationSubject,
    plan: WebhookPlan | undefined,
    now: number,
  ): Promise<void> {
    await this.#addOne(unit, world, subject, plan, now);
    if (plan === "twin") await this.#addOne(unit, world, subject, plan, now);
  }

  async #addOne(
    unit: UnitOfWork,
    world: World,
    subject: NotificationSubject,
    plan: WebhookPlan | undefined,
    now: number,
  ): Promise<void> {
    const { processingAccountId, id: paymentId } = subject.payment;
    const id = this.#ids.ksuid("notification", processingAccountId, now);
    const notification: Notification = {
      id,
      processingAccountId,
      type: subject.type,
      paymentId,
      ...(subject.type === "refund" ? { refundId: subject.refund.id } : {}),
      createTime: now,
      body: this.#body({ id, createTime: now }, subject, plan),
      ...underProfile(subject),
      ...(plan === undefined ? {} : { plan }),
      state: firstState(world, plan),
      attempts: [],
    };
    await unit.save("notification", notification);
    if (notification.state !== "due") return;
    await unit.save("task", newTask("deliver_notification", notification, now + webhookDelayMs(plan)));
  }

  #body(
    made: { readonly id: string; readonly createTime: number },
    subject: NotificationSubject,
    plan: WebhookPlan | undefined,
  ): string {
    const body = this.#render(made, plan === "amount_mismatch" ? withWrongAmount(subject) : subject);
    return plan === "unusual_json" ? unusualJson(body) : body;
  }
}

/** Members of a notification that its body and its retries need, if they are not the usual ones. */
function underProfile(subject: NotificationSubject): Pick<Notification, "subjectStatus" | "retryDelaysMs"> {
  const { contract } = subject.payment;
  const isPartial = subject.type === "refund" && providerRefundStatusOf(subject.refund) !== subject.refund.status;
  if (contract === undefined) return isPartial ? { subjectStatus: statusOf(subject) } : {};
  const { retrySchedule } = contractOf(contract);
  const delays = retrySchedule === "provider" ? {} : { retryDelaysMs: retryDelaysMs(retrySchedule) };
  return { subjectStatus: statusOf(subject), ...delays };
}

function statusOf(subject: NotificationSubject): string {
  return subject.type === "refund" ? subject.refund.status : subject.payment.status;
}

function firstState({ settings }: World, plan: WebhookPlan | undefined): NotificationState {
  if (plan === "never") return "suppressed";
  return settings.webhookUrl === undefined ? "no_endpoint" : "due";
}

function withWrongAmount(subject: NotificationSubject): NotificationSubject {
  if (subject.type === "payment") {
    return { ...subject, payment: { ...subject.payment, amount: mismatchedAmount(subject.payment.amount) } };
  }
  return { ...subject, refund: { ...subject.refund, amount: mismatchedAmount(subject.refund.amount) } };
}
