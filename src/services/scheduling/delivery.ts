import { activeKeys } from "../../domain/merchant.ts";
import {
  type Attempt,
  isExtra,
  type Notification,
  type NotificationState,
  recordAttempt,
  withoutEndpoint,
} from "../../domain/notification.ts";
import { accept, type Refusal, type Result, refuse } from "../../domain/refusal.ts";
import { freeTask, newTask, type Task, taskId } from "../../domain/task.ts";
import { worldTime } from "../../domain/world.ts";
import type { Delivery } from "../../platform/attempt.ts";
import type { RealClock } from "../../platform/clock.ts";
import type { Sender } from "../../platform/sender.ts";
import type { Slots } from "../../platform/slots.ts";
import { type SignatureFlaw, signWebhookBody } from "../../security/response-signature.ts";
import type { Store, UnitOfWork } from "../../store/store.ts";
import { worldOf } from "../worlds/worlds.ts";
import { startNext } from "./endpoint-queue.ts";
import { headerLines, webhookHeaders } from "./webhook-request.ts";

const neverAborted = new AbortController().signal;

/** Dependencies of the delivery. */
export interface WebhookDeliveryParts {
  readonly store: Store;
  readonly clock: RealClock;
  readonly sender: Sender;
  /** Deliveries under way at once, by world and endpoint. */
  readonly slots: Slots;
  /** Units of work at once. Without this limit a thousand deliveries would delay the requests. */
  readonly storeSlots: Slots;
  /** Maximum attempts of a notification, made and waiting. */
  readonly attemptsMax: number;
  /** Time until the next try after the store could not be reached, in milliseconds of real time. */
  readonly retryMs: number;
  /** Receives each attempt that was recorded, as the last one of its notification. */
  readonly onAttempt?: ((notification: Notification, attempt: Attempt) => void) | undefined;
}

/** Delivers notifications, outside every unit of work. */
export class WebhookDelivery {
  readonly #store: Store;
  readonly #clock: RealClock;
  readonly #sender: Sender;
  readonly #slots: Slots;
  readonly #storeSlots: Slots;
  readonly #attemptsMax: number;
  readonly #retryMs: number;
  readonly #onAttempt: WebhookDeliveryParts["onAttempt"];

  constructor({ store, clock, sender, slots, storeSlots, attemptsMax, retryMs, onAttempt }: WebhookDeliveryParts) {
    this.#store = store;
    this.#clock = clock;
    this.#sender = sender;
    this.#slots = slots;
    this.#storeSlots = storeSlots;
    this.#attemptsMax = attemptsMax;
    this.#retryMs = retryMs;
    this.#onAttempt = onAttempt;
  }

  /**
   * Schedules an extra attempt for now, in any state of the notification: the same body with a new signature. An
   * acknowledged attempt ends the retry schedule; otherwise the schedule does not change.
   * @returns the notification, `not_found`, or `action_not_allowed` for a world without an endpoint or a notification
   * with the maximum number of attempts.
   */
  resend(id: string): Promise<Result<Notification>> {
    return this.#store.atomically((unit) => this.#resendIn(unit, id, () => true));
  }

  /** Like `resend`, but only in these states, and not if an extra attempt is due already: `action_not_allowed`. */
  resendOnce(id: string, states: readonly NotificationState[]): Promise<Result<Notification>> {
    return this.#store.atomically((unit) =>
      this.#resendIn(unit, id, ({ state }, waiting) => waiting === 0 && states.includes(state)),
    );
  }

  async #resendIn(
    unit: UnitOfWork,
    id: string,
    mayResend: (notification: Notification, waiting: number) => boolean,
  ): Promise<Result<Notification>> {
    const notification = await unit.get("notification", id);
    if (notification === undefined) return refuse({ code: "not_found" });
    const { settings, clock } = await worldOf(unit, notification);
    if (settings.webhookUrl === undefined) return refuse(resendRefusal("without an endpoint"));
    const { paymentId, attempts, state } = notification;
    const waiting = (await unit.list("task", { paymentId })).filter(
      (task) => task.kind === "resend_notification" && task.subjectId === id,
    );
    if (!mayResend(notification, waiting.length)) return refuse(resendRefusal(state));
    const count = attempts.length + waiting.length;
    if (count >= this.#attemptsMax) {
      return refuse(resendRefusal(`at its maximum of ${this.#attemptsMax.toLocaleString("en")} attempts`));
    }
    const task = newTask("resend_notification", notification, worldTime(clock, this.#clock.now()));
    await unit.save("task", { ...task, id: `${task.id}:${count}` });
    return accept(notification);
  }

  /**
   * Makes one attempt under the task's lease, as soon as a slot of the endpoint is free, and records it if the lease is
   * still valid.
   * @param signal aborts the wait and the attempt. The attempt then counts as not made, and the task is free again.
   * @param mayWaitForItself whether its endpoint may have called a settle over HTTP.
   * @returns the attempt if it was recorded.
   */
  async deliver(
    task: Task,
    signal: AbortSignal,
    mayWaitForItself: () => boolean = () => false,
  ): Promise<Attempt | undefined> {
    let url = (await this.#prepare(task, signal))?.url;
    let attempt: Attempt | undefined;
    while (url !== undefined && !signal.aborted) {
      const endpoint = url;
      const slot = JSON.stringify([task.processingAccountId, endpoint]);
      const end = await this.#slots.run(slot, signal, () => this.#attempt(task, endpoint, signal, mayWaitForItself));
      url = end?.movedTo;
      attempt = end?.attempt;
    }
    if (signal.aborted) await this.#release(task);
    return attempt;
  }

  /** Sends to the endpoint, unless the world's endpoint has changed: then it returns the new one as `movedTo`. */
  async #attempt(
    task: Task,
    endpoint: string,
    signal: AbortSignal,
    mayWaitForItself: () => boolean,
  ): Promise<{ readonly movedTo?: string; readonly attempt?: Attempt | undefined } | undefined> {
    const prepared = await this.#prepare(task, signal);
    if (prepared === undefined || signal.aborted) return undefined;
    const { notification, url, timeoutMs, tls, keys, realStart, startedAt } = prepared;
    if (url !== endpoint) return { movedTo: url };

    const { body } = notification;
    const signatures = signWebhookBody(Buffer.from(body, "utf8"), url, keys, realStart, flawOf(notification, task));
    const headers = webhookHeaders(signatures);
    const lease = task.lease ?? task.id;
    const delivery = await this.#sender.send({ url, headers, body, tls, timeoutMs, signal, lease });
    if (signal.aborted) return undefined;
    const attempt: Attempt = {
      ...(task.kind === "resend_notification" ? { manual: true } : {}),
      ...(task.kind === "repeat_notification" ? { repeated: true } : {}),
      startedAt,
      url,
      requestHeaders: headerLines(headers),
      ...outcomeOf(delivery, notification, mayWaitForItself),
      // The machine's clock may have been set back.
      durationMs: Math.max(0, this.#clock.now() - realStart),
    };
    return { attempt: (await this.#record(task, signal, attempt)) ? attempt : undefined };
  }

  /** Reads the parts of an attempt that begins now; `undefined` if there is none to make. */
  #prepare(task: Task, signal: AbortSignal) {
    return this.#untilDone(signal, async (unit) => {
      const notification = await unit.get("notification", task.subjectId);
      if (notification === undefined || !(await isLeased(unit, task))) return undefined;
      const { settings, clock, merchantId } = await worldOf(unit, task);
      const { webhookUrl: url, webhookTimeoutMs: timeoutMs, webhookTls: tls } = settings;
      const isDone = task.kind === "deliver_notification" && notification.state === "delivered";
      if (url === undefined || isDone) {
        await unit.remove("task", task.id);
        if (task.kind === "deliver_notification" && !isDone) {
          await unit.save("notification", withoutEndpoint(notification));
          if (notification.queue === "head") {
            await startNext(unit, task.processingAccountId, worldTime(clock, this.#clock.now()));
          }
        }
        return undefined;
      }
      const merchant = await unit.get("merchant", merchantId);
      const realStart = this.#clock.now();
      const startedAt = worldTime(clock, realStart);
      const keys = activeKeys(merchant?.hmacKeys ?? [], realStart);
      return { notification, url, timeoutMs, tls, keys, realStart, startedAt };
    });
  }

  /** Releases the lease of a task. */
  async #release(task: Task): Promise<void> {
    await this.#storeSlots.run("", neverAborted, () =>
      this.#store.atomically(async (unit) => {
        if (await isLeased(unit, task)) await unit.save("task", freeTask(task));
      }),
    );
  }

  /** Does a unit of work. Repeats it while the store cannot be reached, until the signal aborts. */
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

  /** @returns whether the attempt was recorded. */
  async #record(task: Task, signal: AbortSignal, attempt: Attempt): Promise<boolean> {
    const done = await this.#untilDone(signal, async (unit) => {
      if (!(await isLeased(unit, task))) return undefined;
      const notification = await unit.get("notification", task.subjectId);
      if (notification === undefined) return undefined;
      const recorded = recordAttempt(notification, attempt);
      const { nextAttemptTime } = recorded;
      // The task keeps its place in the order, so of two tasks due together the older one stays first.
      if (nextAttemptTime === undefined || isExtra(attempt)) await unit.remove("task", task.id);
      else await unit.save("task", newTask("deliver_notification", recorded, nextAttemptTime));
      await unit.save("notification", recorded);
      const scheduled = await unit.get("task", taskId("deliver_notification", notification.id));
      if (recorded.state === "delivered" && scheduled !== undefined && scheduled.lease === undefined) {
        await unit.remove("task", scheduled.id);
      }
      const now = worldTime((await worldOf(unit, task)).clock, this.#clock.now());
      if (notification.queue === "head" && recorded.queue === undefined) {
        await startNext(unit, task.processingAccountId, now);
      }
      if (notification.plan === "twice" && isFirst(notification, task)) {
        await unit.save("task", newTask("repeat_notification", notification, now));
      }
      if (notification.type === "refund") await releaseOutOfOrder(unit, notification, now);
      return recorded;
    });
    if (done !== undefined) this.#onAttempt?.(done, attempt);
    return done !== undefined;
  }
}

/** The refusal of a resend. @param status why. */
export function resendRefusal(status: string): Refusal {
  return { code: "action_not_allowed", action: "resend", subject: "a notification", status };
}

/** What an attempt came to. If the endpoint may have waited for itself, a timeout says so. */
function outcomeOf(
  delivery: Delivery,
  { id }: Notification,
  mayWaitForItself: () => boolean,
): Pick<Attempt, "answer" | "error"> {
  if ("answer" in delivery) return delivery;
  const { error, isTimeout } = delivery;
  if (!isTimeout || !mayWaitForItself()) return { error };
  const hint = "an endpoint that calls settle or advance must respond first";
  return {
    error: `${error}; meanwhile a settle or an advance waited for this delivery of notification ${id}: ${hint}`,
  };
}

/** Whether a task's attempt is the first one of the retry schedule. */
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

/** After an attempt for a refund: a payment notification of the plan `out_of_order` that waits for it is due now. */
async function releaseOutOfOrder(unit: UnitOfWork, { paymentId }: Notification, now: number): Promise<void> {
  for (const { id, type, plan, state } of await unit.list("notification", { paymentId })) {
    if (type !== "payment" || plan !== "out_of_order" || state !== "due") continue;
    const task = await unit.get("task", taskId("deliver_notification", id));
    if (task === undefined || task.lease !== undefined || task.dueTime <= now) continue;
    await unit.save("task", { ...task, dueTime: now });
  }
}
