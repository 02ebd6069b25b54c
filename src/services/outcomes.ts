import type { Movement } from "../domain/ledger.ts";
import type { Notification } from "../domain/notification.ts";
import { actOnPayment, type Payment, type PaymentChange } from "../domain/payment.ts";
import { finishRefund, type Refund } from "../domain/refund.ts";
import { isDelivery, newTask, type Task, taskId } from "../domain/task.ts";
import type { World } from "../domain/world.ts";
import type { Ids } from "../platform/ids.ts";
import type { UnitOfWork } from "../store/store.ts";
import { retireKey } from "./hmac-keys.ts";
import { worldOf } from "./worlds.ts";

/** What a notification tells of. */
export type News =
  | { readonly type: "payment"; readonly payment: Payment }
  | { readonly type: "refund"; readonly payment: Payment; readonly refund: Refund };

/** Writes a notification's body as the wire has it. */
export type RenderNotification = (
  notification: { readonly id: string; readonly createTime: number },
  news: News,
) => string;

/** What happens to payments and refunds, inside somebody's unit of work: entries, notifications and tasks with it. */
export class Outcomes {
  readonly #ids: Ids;
  readonly #render: RenderNotification;

  constructor(ids: Ids, render: RenderNotification) {
    this.#ids = ids;
    this.#render = render;
  }

  /** Reads a payment as it is at `now`: what was due at or before has happened. */
  async current(unit: UnitOfWork, paymentId: string, now: number): Promise<Payment | undefined> {
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
    if (task.kind === "expire_payment") {
      const change = actOnPayment(payment, "expire", task.dueTime);
      if (change.ok) await this.saveChange(unit, await worldOf(unit, payment), change.value);
      return;
    }
    const refund = await unit.get("refund", task.subjectId);
    if (refund?.status === "pending") await this.#completeRefund(unit, payment, refund, task.dueTime);
  }

  /** Saves a payment that has left `pending`, the money that moved, and the news of it. */
  async saveChange(unit: UnitOfWork, world: World, { payment, movements }: PaymentChange): Promise<void> {
    await unit.save("payment", payment);
    await unit.remove("task", taskId("expire_payment", payment.id));
    await this.append(unit, payment, movements);
    await this.#notify(unit, world, { type: "payment", payment }, payment.updateTime);
  }

  /** Appends movements to the ledger. */
  async append(unit: UnitOfWork, payment: Payment, movements: readonly Movement[]): Promise<void> {
    const { processingAccountId } = payment;
    for (const movement of movements) {
      const id = this.#ids.ksuid("entry", processingAccountId, movement.time);
      await unit.save("entry", { id, processingAccountId, merchantId: payment.merchantId, ...movement });
    }
  }

  async #completeRefund(unit: UnitOfWork, payment: Payment, refund: Refund, now: number): Promise<void> {
    const entries = await unit.list("entry", { paymentId: payment.id });
    const refunds = await unit.list("refund", { paymentId: payment.id });
    const done = finishRefund({ payment, refunds, entries }, refund, "succeed", now);
    await unit.save("refund", done.refund);
    await unit.save("payment", done.payment);
    await this.append(unit, payment, done.movements);
    await this.#notify(
      unit,
      await worldOf(unit, payment),
      { type: "refund", payment: done.payment, refund: done.refund },
      now,
    );
  }

  async #notify(unit: UnitOfWork, world: World, news: News, now: number): Promise<void> {
    const { processingAccountId, id: paymentId } = news.payment;
    const id = this.#ids.ksuid("notification", processingAccountId, now);
    const notification: Notification = {
      id,
      processingAccountId,
      type: news.type,
      paymentId,
      ...(news.type === "refund" ? { refundId: news.refund.id } : {}),
      createTime: now,
      body: this.#render({ id, createTime: now }, news),
      state: world.settings.webhookUrl === undefined ? "no_endpoint" : "due",
      attempts: [],
    };
    await unit.save("notification", notification);
    if (notification.state === "due") await unit.save("task", newTask("deliver_notification", notification, now));
  }
}
