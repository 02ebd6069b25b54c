import { type Attempt, isExtra, type Notification, recordAttempt, withoutEndpoint } from "../../domain/notification.ts";
import { accept, type Result, refuse } from "../../domain/refusal.ts";
import { freeTask, newTask, type Task, taskId } from "../../domain/task.ts";
import { worldTime } from "../../domain/world.ts";
import type { RealClock } from "../../platform/clock.ts";
import type { Sender } from "../../platform/sender.ts";
import type { Slots } from "../../platform/slots.ts";
import { type SignatureFlaw, signWebhookBody } from "../../security/response-signature.ts";
import type { Store, UnitOfWork } from "../../store/store.ts";
import { worldOf } from "../worlds/worlds.ts";

const never = new AbortController().signal;

/** What delivering stands on. */
export interface WebhookDeliveryParts {
  readonly store: Store;
  readonly clock: RealClock;
  readonly sender: Sender;
  /** How many deliveries go on at once, by world and endpoint. */
  readonly slots: Slots;
  /** How many units of work do: a thousand deliveries must not hold up the requests that come meanwhile. */
  readonly storeSlots: Slots;
  /** How soon to try again what the store could not take, in milliseconds of real time. */
  readonly retryMs: number;
}

/** Delivers notifications, outside every unit of work. */
export class WebhookDelivery {
  readonly #store: Store;
  readonly #clock: RealClock;
  readonly #sender: Sender;
  readonly #slots: Slots;
  readonly #storeSlots: Slots;
  readonly #retryMs: number;

  constructor({ store, clock, sender, slots, storeSlots, retryMs }: WebhookDeliveryParts) {
    this.#store = store;
    this.#clock = clock;
    this.#sender = sender;
    this.#slots = slots;
    this.#storeSlots = storeSlots;
    this.#retryMs = retryMs;
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
   * Makes one attempt under the lease that the task carries, when one of the endpoint's slots is free, and records it if
   * the lease still stands.
   * @param signal ends the wait and the attempt; what it ended counts as not made, and the task as not begun.
   */
  async deliver(task: Task, signal: AbortSignal): Promise<void> {
    let url = (await this.#prepare(task, signal))?.url;
    while (url !== undefined && !signal.aborted) {
      const endpoint = url;
      const slot = JSON.stringify([task.processingAccountId, endpoint]);
      url = await this.#slots.run(slot, signal, () => this.#attempt(task, endpoint, signal));
    }
    if (signal.aborted) await this.#giveBack(task);
  }

  /** Sends to the endpoint. @returns the world's other endpoint where it has changed meanwhile: nothing was sent then. */
  async #attempt(task: Task, endpoint: string, signal: AbortSignal): Promise<string | undefined> {
    const prepared = await this.#prepare(task, signal);
    if (prepared === undefined || signal.aborted) return undefined;
    const { notification, url, timeoutMs, tls, keys, realStart, startedAt } = prepared;
    if (url !== endpoint) return url;

    const { body } = notification;
    const signatures = signWebhookBody(Buffer.from(body, "utf8"), url, keys, realStart, flawOf(notification, task));
    const headers = {
      "content-type": "application/json",
      "user-agent": "alipay-hk-sandbox",
      "x-signature": signatures,
    };
    const delivery = await this.#sender.send({ url, headers, body, tls, timeoutMs, signal });
    if (signal.aborted) return undefined;
    await this.#record(task, signal, {
      ...(task.kind === "resend_notification" ? { manual: true } : {}),
      ...(task.kind === "repeat_notification" ? { repeated: true } : {}),
      startedAt,
      url,
      requestHeaders: Object.entries(headers).flatMap(([name, value]) =>
        [value].flat().map((line) => [name, line] as const),
      ),
      ...delivery,
      durationMs: this.#clock.now() - realStart,
    });
    return undefined;
  }

  /** What an attempt that begins now needs; `undefined` where none is to be made. */
  #prepare(task: Task, signal: AbortSignal) {
    return this.#untilDone(signal, async (unit) => {
      const notification = await unit.get("notification", task.subjectId);
      if (notification === undefined || !(await isLeased(unit, task))) return undefined;
      const { settings, clock, merchantId } = await worldOf(unit, task);
      const { webhookUrl: url, webhookTimeoutMs: timeoutMs, webhookTls: tls } = settings;
      const isOver = task.kind === "deliver_notification" && notification.state === "delivered";
      if (url === undefined || isOver) {
        await unit.remove("task", task.id);
        if (task.kind === "deliver_notification" && !isOver) {
          await unit.save("notification", withoutEndpoint(notification));
        }
        return undefined;
      }
      const merchant = await unit.get("merchant", merchantId);
      const realStart = this.#clock.now();
      const startedAt = worldTime(clock, realStart);
      return { notification, url, timeoutMs, tls, keys: merchant?.hmacKeys ?? [], realStart, startedAt };
    });
  }

  /** Puts a task back as it was before it was leased. */
  async #giveBack(task: Task): Promise<void> {
    await this.#storeSlots.run("", never, () =>
      this.#store.atomically(async (unit) => {
        if (await isLeased(unit, task)) await unit.save("task", freeTask(task));
      }),
    );
  }

  /** Does a unit of work; while the store cannot be reached, again and again until the signal ends it. */
  async #untilDone<T>(signal: AbortSignal, work: (unit: UnitOfWork) => Promise<T>): Promise<T | undefined> {
    for (;;) {
      try {
        return await this.#storeSlots.run("", signal, () => this.#store.atomically(work));
      } catch (error) {
        if (!this.#store.isUnavailable(error)) throw error;
        if (signal.aborted) return undefined;
      }
      await new Promise<void>((resolve) => void this.#clock.after(this.#retryMs, resolve));
    }
  }

  async #record(task: Task, signal: AbortSignal, attempt: Attempt): Promise<void> {
    await this.#untilDone(signal, async (unit) => {
      if (!(await isLeased(unit, task))) return;
      const notification = await unit.get("notification", task.subjectId);
      if (notification === undefined) return;
      const recorded = recordAttempt(notification, attempt);
      const { nextAttemptTime } = recorded;
      // In its place: of those due together the older one stays first, however their answers come in.
      if (nextAttemptTime === undefined || isExtra(attempt)) await unit.remove("task", task.id);
      else await unit.save("task", newTask("deliver_notification", recorded, nextAttemptTime));
      await unit.save("notification", recorded);
      const ladder = await unit.get("task", taskId("deliver_notification", notification.id));
      if (recorded.state === "delivered" && ladder !== undefined && ladder.lease === undefined) {
        await unit.remove("task", ladder.id);
      }
      const now = worldTime((await worldOf(unit, task)).clock, this.#clock.now());
      if (notification.plan === "twice" && isFirst(notification, task)) {
        await unit.save("task", newTask("repeat_notification", notification, now));
      }
      if (notification.type === "refund") await releaseHeld(unit, notification, now);
    });
  }
}

/** Whether a task's attempt is the first of the notification's schedule. */
function isFirst({ attempts }: Notification, { kind }: Task): boolean {
  return kind === "deliver_notification" && attempts.every(isExtra);
}

function flawOf(notification: Notification, task: Task): SignatureFlaw | undefined {
  const { plan } = notification;
  const isFlaw = plan === "bad_signature" || plan === "expired_signature";
  return isFlaw && isFirst(notification, task) ? plan : undefined;
}

async function isLeased(unit: UnitOfWork, { id, lease }: Task): Promise<boolean> {
  const current = await unit.get("task", id);
  return current?.lease !== undefined && current.lease === lease;
}

/** A refund's notification was attempted: that of its payment, if it waits for this, is due now. */
async function releaseHeld(unit: UnitOfWork, { paymentId }: Notification, now: number): Promise<void> {
  for (const { id, type, plan, state } of await unit.list("notification", { paymentId })) {
    if (type !== "payment" || plan !== "out_of_order" || state !== "due") continue;
    const task = await unit.get("task", taskId("deliver_notification", id));
    if (task === undefined || task.lease !== undefined || task.dueTime <= now) continue;
    await unit.save("task", { ...task, dueTime: now });
  }
}
