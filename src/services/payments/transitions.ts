import type { Movement } from "../../domain/ledger.ts";
import type { Notification, NotificationState } from "../../domain/notification.ts";
import {
  actOnPayment,
  type DeclineReason,
  type PayerAction,
  type PayerOptions,
  type Payment,
  type PaymentChange,
  withPayerOptions,
} from "../../domain/payment.ts";
import { finishRefund, type Refund, type RefundOutcome } from "../../domain/refund.ts";
import { accept, type Result } from "../../domain/refusal.ts";
import { mismatchedAmount, type WebhookPlan, webhookDelayMs } from "../../domain/scenario.ts";
import { isDelivery, newTask, type Task, taskId } from "../../domain/task.ts";
import type { Actor, TimelinePayload } from "../../domain/timeline.ts";
import type { World } from "../../domain/world.ts";
import type { Ids } from "../../platform/ids.ts";
import type { UnitOfWork } from "../../store/store.ts";
import { retireKey } from "../worlds/hmac-keys.ts";
import { worldOf } from "../worlds/worlds.ts";

/** What a notification tells of. */
export type NotificationSubject =
  | { readonly type: "payment"; readonly payment: Payment }
  | { readonly type: "refund"; readonly payment: Payment; readonly refund: Refund };

/** Writes a notification's body as the wire has it. */
export type RenderNotification = (
  notification: { readonly id: string; readonly createTime: number },
  news: NotificationSubject,
) => string;

/** An act that ends the wait for the payer. */
export interface Decision {
  readonly action: PayerAction;
  readonly reason?: DeclineReason | undefined;
  readonly by: Actor;
  readonly manner?: PayerOptions | undefined;
}

/** What happens to payments and refunds, inside somebody's unit of work: entries, notifications and tasks with it. */
export class PaymentTransitions {
  readonly #ids: Ids;
  readonly #render: RenderNotification;

  constructor(ids: Ids, render: RenderNotification) {
    this.#ids = ids;
    this.#render = render;
  }

  /** Reads a payment as it is at `now`: what was due at or before has happened. */
  async catchUp(unit: UnitOfWork, paymentId: string, now: number): Promise<Payment | undefined> {
    const due = (await unit.list("task", { paymentId }))
      .filter((task) => !isDelivery(task) && task.dueTime <= now)
      .sort((a, b) => a.dueTime - b.dueTime);
    for (const task of due) await this.run(unit, task);
    return unit.get("payment", paymentId);
  }

  /** Runs a task that is not a delivery, at its own time. */
  async run(unit: UnitOfWork, task: Task): Promise<void> {
    await unit.remove("task", task.id);
    if (task.kind === "forget_replay") return unit.remove("replay", task.subjectId);
    if (task.kind === "retire_key") return retireKey(unit, await worldOf(unit, task), task.subjectId);
    const payment = task.paymentId === undefined ? undefined : await unit.get("payment", task.paymentId);
    if (payment === undefined) return;
    const decision = decisionOf(task, payment);
    if (decision !== undefined) {
      await this.decide(unit, await worldOf(unit, payment), payment, decision, task.dueTime);
      return;
    }
    const refund = await unit.get("refund", task.subjectId);
    if (refund?.status !== "pending") return;
    const outcome = refund.appliedScenario?.scenario.outcome === "fail" ? "fail" : "succeed";
    await this.finishRefund(unit, await worldOf(unit, payment), refund, outcome, task.dueTime);
  }

  /**
   * Ends the wait for the payer: saves the payment, the money that moved, and the news of it.
   * @returns the change, or `action_not_allowed` for a payment that is not pending.
   */
  async decide(
    unit: UnitOfWork,
    world: World,
    payment: Payment,
    { action, reason, by, manner = {} }: Decision,
    now: number,
  ): Promise<Result<PaymentChange>> {
    const change = actOnPayment(payment, action, now, reason);
    if (!change.ok) return change;
    const { movements } = change.value;
    const changed = withPayerOptions(change.value.payment, manner);
    await unit.save("payment", changed);
    await unit.remove("task", taskId("expire_payment", payment.id));
    await unit.remove("task", taskId("decide_payment", payment.id));
    await this.append(unit, changed, movements);
    await this.note(unit, changed, now, {
      kind: "status",
      status: changed.status,
      by,
      action,
      ...(action === "decline" && reason !== undefined ? { reason } : {}),
      ...(manner.wallet === undefined ? {} : { wallet: manner.wallet }),
    });
    const plan = payment.appliedScenario?.scenario.webhook;
    await this.#notify(unit, world, { type: "payment", payment: changed }, plan, now);
    return accept({ payment: changed, movements });
  }

  /** Ends a refund that is pending, with its entries and the news of it. */
  async finishRefund(
    unit: UnitOfWork,
    world: World,
    refund: Refund,
    outcome: RefundOutcome,
    now: number,
  ): Promise<Refund> {
    const payment = await unit.get("payment", refund.paymentId);
    if (payment === undefined) throw new Error(`the payment ${refund.paymentId} is not in the store`);
    const entries = await unit.list("entry", { paymentId: payment.id });
    const refunds = await unit.list("refund", { paymentId: payment.id });
    const done = finishRefund({ payment, refunds, entries }, refund, outcome, now);
    await unit.save("refund", done.refund);
    await unit.save("payment", done.payment);
    await unit.remove("task", taskId("complete_refund", refund.id));
    await this.append(unit, payment, done.movements);
    await this.note(unit, payment, now, { kind: "refund", refundId: refund.id, status: done.refund.status });
    const news = { type: "refund", payment: done.payment, refund: done.refund } as const;
    await this.#notify(unit, world, news, refund.appliedScenario?.scenario.webhook, now);
    return done.refund;
  }

  /** Appends movements to the ledger. */
  async append(unit: UnitOfWork, payment: Payment, movements: readonly Movement[]): Promise<void> {
    const { processingAccountId } = payment;
    for (const movement of movements) {
      const id = this.#ids.ksuid("entry", processingAccountId, movement.time);
      await unit.save("entry", { id, processingAccountId, merchantId: payment.merchantId, ...movement });
    }
  }

  /** Adds a line to a payment's timeline. */
  async note(unit: UnitOfWork, payment: Payment, time: number, payload: TimelinePayload): Promise<void> {
    const { processingAccountId, id: paymentId } = payment;
    const id = this.#ids.ksuid("event", processingAccountId, time);
    await unit.save("event", { id, processingAccountId, paymentId, time, payload });
  }

  async #notify(
    unit: UnitOfWork,
    world: World,
    news: NotificationSubject,
    plan: WebhookPlan | undefined,
    now: number,
  ): Promise<void> {
    const { processingAccountId, id: paymentId } = news.payment;
    const id = this.#ids.ksuid("notification", processingAccountId, now);
    const notification: Notification = {
      id,
      processingAccountId,
      type: news.type,
      paymentId,
      ...(news.type === "refund" ? { refundId: news.refund.id } : {}),
      createTime: now,
      body: this.#render({ id, createTime: now }, plan === "amount_mismatch" ? withWrongAmount(news) : news),
      ...(plan === undefined ? {} : { plan }),
      state: firstState(world, plan),
      attempts: [],
    };
    await unit.save("notification", notification);
    if (notification.state !== "due") return;
    await unit.save("task", newTask("deliver_notification", notification, now + webhookDelayMs(plan)));
  }
}

/** What a task makes of a payment that is pending, if it is a task of that kind. */
function decisionOf({ kind }: Task, { appliedScenario }: Payment): Decision | undefined {
  if (kind === "expire_payment") return { action: "expire", by: "clock" };
  if (kind !== "decide_payment") return undefined;
  return decisionBy(appliedScenario?.scenario);
}

/** What a scenario makes of a payment. */
export function decisionBy(
  scenario: NonNullable<Payment["appliedScenario"]>["scenario"] | undefined,
): Decision | undefined {
  const { outcome, reason } = scenario ?? {};
  if (outcome === undefined || outcome === "succeed") return undefined;
  return { action: outcome, reason, by: "scenario" };
}

function firstState({ settings }: World, plan: WebhookPlan | undefined): NotificationState {
  if (plan === "never") return "suppressed";
  return settings.webhookUrl === undefined ? "no_endpoint" : "due";
}

function withWrongAmount(news: NotificationSubject): NotificationSubject {
  if (news.type === "payment") {
    return { ...news, payment: { ...news.payment, amount: mismatchedAmount(news.payment.amount) } };
  }
  return { ...news, refund: { ...news.refund, amount: mismatchedAmount(news.refund.amount) } };
}
