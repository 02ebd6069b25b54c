import { type Attempt, type Notification, recordAttempt, withoutEndpoint } from "../domain/notification.ts";
import { accept, type Result, refuse } from "../domain/refusal.ts";
import { newTask, type Task, taskId } from "../domain/task.ts";
import { worldTime } from "../domain/world.ts";
import type { RealClock } from "../platform/clock.ts";
import type { Sender } from "../platform/sender.ts";
import { signWebhookBody } from "../security/response-signature.ts";
import type { Store } from "../store/store.ts";
import { worldOf } from "./worlds.ts";

/** Delivers notifications, outside every unit of work. */
export class Webhooks {
  readonly #store: Store;
  readonly #clock: RealClock;
  readonly #sender: Sender;

  constructor(store: Store, clock: RealClock, sender: Sender) {
    this.#store = store;
    this.#clock = clock;
    this.#sender = sender;
  }

  /** A world's notifications with their attempts, newest first. */
  async list(processingAccountId: string, limit: number): Promise<Notification[]> {
    const rows = await this.#store.atomically((unit) => unit.page("notification", { processingAccountId }, { limit }));
    return rows.map(({ record }) => record);
  }

  /**
   * Makes an extra attempt due now, in whatever state the notification is: the same body, signed afresh. If it is
   * acknowledged the schedule ends; if not, all stays as it was.
   * @returns the notification, `not_found`, or `action_not_allowed` where the world has no endpoint.
   */
  resend(id: string): Promise<Result<Notification>> {
    return this.#store.atomically(async (unit) => {
      const notification = await unit.get("notification", id);
      if (notification === undefined) return refuse({ code: "not_found" });
      const { settings, clock } = await worldOf(unit, notification);
      if (settings.webhookUrl === undefined) {
        const status = "without an endpoint";
        return refuse({ code: "action_not_allowed", action: "resend", subject: "a notification", status });
      }
      const { paymentId, attempts } = notification;
      const waiting = (await unit.list("task", { paymentId })).filter(
        (task) => task.kind === "resend_notification" && task.subjectId === id,
      );
      const task = newTask("resend_notification", notification, worldTime(clock, this.#clock.now()));
      await unit.save("task", { ...task, id: `${task.id}:${attempts.length + waiting.length}` });
      return accept(notification);
    });
  }

  /**
   * Makes one attempt under the lease that the task carries, and records it if the lease still stands.
   * @param signal ends the attempt; what it ended counts as not made.
   */
  async deliver(task: Task, signal: AbortSignal): Promise<void> {
    const prepared = await this.#store.atomically(async (unit) => {
      const notification = await unit.get("notification", task.subjectId);
      if (notification === undefined) return undefined;
      const world = await worldOf(unit, task);
      const merchant = await unit.get("merchant", world.merchantId);
      const { webhookUrl: url, webhookTimeoutMs: timeoutMs } = world.settings;
      if (url === undefined) {
        await unit.remove("task", task.id);
        if (notification.state !== "delivered") await unit.save("notification", withoutEndpoint(notification));
        return undefined;
      }
      const realStart = this.#clock.now();
      const startedAt = worldTime(world.clock, realStart);
      return { body: notification.body, url, timeoutMs, keys: merchant?.hmacKeys ?? [], realStart, startedAt };
    });
    if (prepared === undefined || signal.aborted) return;

    const { body, url, timeoutMs, keys, realStart, startedAt } = prepared;
    const signatures = signWebhookBody(Buffer.from(body, "utf8"), url, keys, realStart);
    const headers = {
      "content-type": "application/json",
      "user-agent": "alipay-hk-sandbox",
      "x-signature": signatures,
    };
    const delivery = await this.#sender.send({ url, headers, body, timeoutMs, signal });
    if (signal.aborted) return;
    await this.#record(task, {
      ...(task.kind === "resend_notification" ? { manual: true } : {}),
      startedAt,
      url,
      requestHeaders: Object.entries(headers).flatMap(([name, value]) =>
        [value].flat().map((line) => [name, line] as const),
      ),
      ...delivery,
      durationMs: this.#clock.now() - realStart,
    });
  }

  async #record(task: Task, attempt: Attempt): Promise<void> {
    await this.#store.atomically(async (unit) => {
      const current = await unit.get("task", task.id);
      if (current?.lease === undefined || current.lease !== task.lease) return;
      const notification = await unit.get("notification", task.subjectId);
      if (notification === undefined) return;
      await unit.remove("task", task.id);
      const recorded = recordAttempt(notification, attempt);
      await unit.save("notification", recorded);
      const ladder = await unit.get("task", taskId("deliver_notification", notification.id));
      if (recorded.state === "delivered" && ladder !== undefined && ladder.lease === undefined) {
        await unit.remove("task", ladder.id);
      }
      if (recorded.nextAttemptTime !== undefined && !attempt.manual) {
        await unit.save("task", newTask("deliver_notification", recorded, recorded.nextAttemptTime));
      }
    });
  }
}
