import type { Movement } from "../../domain/ledger.ts";
import {
  actOnPayment,
  type PayerOptions,
  type Payment,
  type PaymentChange,
  payLate,
  withPayerOptions,
} from "../../domain/payment.ts";
import {
  failRefundLate,
  finishRefund,
  plannedOutcome,
  type Refund,
  type RefundCase,
  type RefundChange,
} from "../../domain/refund.ts";
import { accept, type Result } from "../../domain/refusal.ts";
import type { Scenario } from "../../domain/scenario.ts";
import type { DeclineReason, PayerAction, RefundOutcome } from "../../domain/statuses.ts";
import { isDelivery, newTask, type Task, taskId } from "../../domain/task.ts";
import { effectOfAction, effectOfRefund, type TaskEffect } from "../../domain/task-effect.ts";
import type { Actor, TimelinePayload } from "../../domain/timeline.ts";
import type { World } from "../../domain/world.ts";
import type { Ids } from "../../platform/ids.ts";
import type { UnitOfWork } from "../../store/store.ts";
import { retireKey } from "../worlds/hmac-keys.ts";
import { worldOf } from "../worlds/worlds.ts";
import { NotificationWriter, type RenderNotification } from "./notification-writer.ts";

/** An action that ends the wait for the payer. */
export interface Decision {
  readonly action: PayerAction;
  readonly reason?: DeclineReason | undefined;
  readonly by: Actor;
  readonly payerOptions?: PayerOptions | undefined;
}

/** Transitions of payments and refunds in a given unit of work, with their entries, notifications and tasks. */
export class PaymentTransitions {
  readonly #ids: Ids;
  readonly #notifications: NotificationWriter;

  constructor(ids: Ids, render: RenderNotification) {
    this.#ids = ids;
    this.#notifications = new NotificationWriter(ids, render);
  }

  /**
   * Runs the tasks of a payment that were due at `now` or before, except for deliveries. Every read of a payment calls
   * it first, so a read may write: the transitions with their ledger entries, notifications and events.
   * @param now world time.
   * @returns the payment then; `undefined` if there is none.
   */
  async catchUp(unit: UnitOfWork, paymentId: string, now: number): Promise<Payment | undefined> {
    for (;;) {
      const [next] = (await unit.list("task", { paymentId }))
        .filter((task) => !isDelivery(task) && task.dueTime <= now)
        .sort((a, b) => a.dueTime - b.dueTime);
      if (next === undefined) return unit.get("payment", paymentId);
      // A task can create another one, which may be due before the others.
      await this.run(unit, next);
    }
  }

  /** Runs a task at its due time. The task must not be a delivery. @returns its effect on a payment or refund. */
  async run(unit: UnitOfWork, task: Task): Promise<TaskEffect | undefined> {
    await unit.remove("task", task.id);
    if (task.kind === "forget_replay") await unit.remove("replay", task.subjectId);
    if (task.kind === "retire_key") await retireKey(unit, await worldOf(unit, task), task.subjectId);
    const payment = task.paymentId === undefined ? undefined : await unit.get("payment", task.paymentId);
    if (payment === undefined) return undefined;
    if (task.kind === "pay_late") return this.#payLate(unit, payment, task.dueTime);
    const decision = decisionOf(task, payment);
    if (decision !== undefined) {
      const decided = await this.decide(unit, await worldOf(unit, payment), payment, decision, task.dueTime);
      return decided.ok ? effectOfAction[decision.action] : undefined;
    }
    const refund = await unit.get("refund", task.subjectId);
    if (task.kind === "fail_refund_late") return this.#failRefundLate(unit, payment, refund, task.dueTime);
    if (refund?.status !== "pending") return undefined;
    const outcome = plannedOutcome(refund);
    await this.finishRefund(unit, await worldOf(unit, payment), refund, outcome, task.dueTime);
    return effectOfRefund[outcome];
  }

  /**
   * Saves the notification of a new payment, if its profile has one. No scenario changes it.
   * @param base base URL of the hosted pages.
   */
  async announce(unit: UnitOfWork, world: World, payment: Payment, base: string): Promise<void> {
    if (payment.contract?.pendingNotification !== "on") return;
    await this.#notifications.add(unit, world, { type: "payment", payment, base }, undefined, payment.createTime);
  }

  /**
   * Ends the wait for the payer: saves the payment, the ledger entries and the notification.
   * @returns the change, or `action_not_allowed` for a payment that is not pending.
   */
  async decide(
    unit: UnitOfWork,
    world: World,
    payment: Payment,
    { action, reason, by, payerOptions = {} }: Decision,
    now: number,
  ): Promise<Result<PaymentChange>> {
    const change = actOnPayment(payment, action, now, reason);
    if (!change.ok) return change;
    const { movements } = change.value;
    const changed = withPayerOptions(change.value.payment, payerOptions);
    await unit.save("payment", changed);
    await unit.remove("task", taskId("expire_payment", payment.id));
    await unit.remove("task", taskId("decide_payment", payment.id));
    await this.append(unit, changed, movements);
    await this.record(unit, changed, now, {
      kind: "status",
      status: changed.status,
      by,
      action,
      ...(action === "decline" && reason !== undefined ? { reason } : {}),
      ...(payerOptions.wallet === undefined ? {} : { wallet: payerOptions.wallet }),
    });
    const { webhook: plan, paidLateMs } = payment.appliedScenario?.scenario ?? {};
    await this.#notifications.add(unit, world, { type: "payment", payment: changed }, plan, now);
    if (action === "expire" && paidLateMs !== undefined) {
      await unit.save("task", newTask("pay_late", { ...payment, paymentId: payment.id }, now + paidLateMs));
    }
    return accept({ payment: changed, movements });
  }

  /** The money of an expired payment arrives. */
  async #payLate(unit: UnitOfWork, expired: Payment, now: number): Promise<TaskEffect | undefined> {
    const change = payLate(expired, now);
    if (change === undefined) return undefined;
    const { payment, movements } = change;
    await unit.save("payment", payment);
    await this.append(unit, payment, movements);
    const { status } = payment;
    await this.record(unit, payment, now, { kind: "status", status, by: "scenario", action: "pay_late" });
    const plan = payment.appliedScenario?.scenario.webhook;
    await this.#notifications.add(unit, await worldOf(unit, payment), { type: "payment", payment }, plan, now);
    return effectOfAction.pay;
  }

  /** Ends a pending refund: saves the refund, the payment, the ledger entries and the notifications. */
  async finishRefund(
    unit: UnitOfWork,
    world: World,
    refund: Refund,
    outcome: RefundOutcome,
    now: number,
  ): Promise<Refund> {
    const payment = await unit.get("payment", refund.paymentId);
    if (payment === undefined) throw new Error(`the payment ${refund.paymentId} is not in the store`);
    const done = finishRefund(await caseOf(unit, payment), refund, outcome, now);
    await unit.remove("task", taskId("complete_refund", refund.id));
    await this.#saveRefund(unit, world, payment, done, now);
    const { failsLateMs } = refund.appliedScenario?.scenario ?? {};
    if (outcome === "succeed" && failsLateMs !== undefined) {
      await unit.save("task", newTask("fail_refund_late", refund, now + failsLateMs));
    }
    return done.refund;
  }

  async #failRefundLate(
    unit: UnitOfWork,
    payment: Payment,
    refund: Refund | undefined,
    now: number,
  ): Promise<TaskEffect | undefined> {
    const failed = refund && failRefundLate(await caseOf(unit, payment), refund, now);
    if (failed === undefined) return undefined;
    await this.#saveRefund(unit, await worldOf(unit, payment), payment, failed, now);
    return effectOfRefund.fail;
  }

  async #saveRefund(
    unit: UnitOfWork,
    world: World,
    before: Payment,
    { payment, refund, movements }: RefundChange,
    now: number,
  ): Promise<void> {
    await unit.save("refund", refund);
    await unit.save("payment", payment);
    await this.append(unit, payment, movements);
    await this.record(unit, payment, now, { kind: "refund", refundId: refund.id, status: refund.status });
    const subject = { type: "refund", payment, refund } as const;
    await this.#notifications.add(unit, world, subject, refund.appliedScenario?.scenario.webhook, now);
    const isAnnounced = payment.contract?.refundNotifications === "refund_and_payment";
    if (isAnnounced && payment.status !== before.status) {
      await this.#notifications.add(unit, world, { type: "payment", payment }, undefined, now);
    }
  }

  /** Appends movements to the ledger. */
  async append(unit: UnitOfWork, payment: Payment, movements: readonly Movement[]): Promise<void> {
    const { processingAccountId } = payment;
    for (const movement of movements) {
      const id = this.#ids.ksuid("entry", processingAccountId, movement.time);
      await unit.save("entry", { id, processingAccountId, merchantId: payment.merchantId, ...movement });
    }
  }

  /** Adds an event to the timeline of a payment. */
  async record(unit: UnitOfWork, payment: Payment, time: number, payload: TimelinePayload): Promise<void> {
    const { processingAccountId, id: paymentId } = payment;
    const id = this.#ids.ksuid("event", processingAccountId, time);
    await unit.save("event", { id, processingAccountId, paymentId, time, payload });
  }
}

async function caseOf(unit: UnitOfWork, payment: Payment): Promise<RefundCase> {
  const entries = await unit.list("entry", { paymentId: payment.id });
  const refunds = await unit.list("refund", { paymentId: payment.id });
  return { payment, refunds, entries };
}

/** The decision of a task about a pending payment; `undefined` for a task of another kind. */
function decisionOf({ kind }: Task, { appliedScenario }: Payment): Decision | undefined {
  if (kind === "expire_payment") return { action: "expire", by: "clock" };
  if (kind !== "decide_payment") return undefined;
  return decisionBy(appliedScenario?.scenario);
}

/** The decision of a scenario; `undefined` if it leaves the outcome to the payer. */
export function decisionBy(scenario: Scenario | undefined): Decision | undefined {
  const { outcome, reason } = scenario ?? {};
  if (outcome === undefined || outcome === "succeed") return undefined;
  return { action: outcome, reason, by: "scenario" };
}
