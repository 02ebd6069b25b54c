import { activeKeys } from "../../domain/merchant.ts";
import type { Notification, NotificationState } from "../../domain/notification.ts";
import { accept, type Result, refuse, unknownWorld } from "../../domain/refusal.ts";
import type { RealClock } from "../../platform/clock.ts";
import { signWebhookBody } from "../../security/response-signature.ts";
import { readSentSignatures, type SentSignature } from "../../security/sent-signature.ts";
import type { Store, UnitOfWork } from "../../store/store.ts";
import type { ChangeWaiter, ProbeResult } from "../observing/change-waiter.ts";
import { type Queries, scannedMax } from "../payments/queries.ts";
import { worldOf } from "../worlds/worlds.ts";
import { resendRefusal, type WebhookDelivery } from "./delivery.ts";
import { headerLines, type WebhookRequest, webhookHeaders } from "./webhook-request.ts";

export type { SentSignature };

/** Numbers of notifications by state, among the newest ones of a world. */
export interface DeliveryCounts {
  readonly byState: Readonly<Partial<Record<NotificationState, number>>>;
  /** Whether the world has more notifications than were counted. */
  readonly isPartial: boolean;
}

/** The result of resending many notifications. */
export interface ResentDeliveries {
  readonly resent: number;
  /** Those of them whose new attempt was acknowledged; the others have no such response yet. */
  readonly delivered: number;
  /** Notifications with the maximum number of attempts, or with an extra attempt that is due already. */
  readonly skipped: number;
}

/** Dependencies of the deliveries. */
export interface DeliveriesParts {
  readonly store: Store;
  readonly clock: RealClock;
  readonly lists: Queries;
  readonly delivery: WebhookDelivery;
  readonly waiter: ChangeWaiter;
}

/** The deliveries of a world, for people: numbers, requests with their signatures, and resending many. */
export class Deliveries {
  readonly #parts: DeliveriesParts;

  constructor(parts: DeliveriesParts) {
    this.#parts = parts;
  }

  /** Counts the newest notifications of a world, at most 1,000. */
  counts(processingAccountId: string): Promise<DeliveryCounts> {
    return this.#parts.store.atomically(
      async (unit) => {
        const rows = await unit.page("notification", { processingAccountId }, { limit: scannedMax + 1 });
        const byState: Partial<Record<NotificationState, number>> = {};
        for (const { record } of rows.slice(0, scannedMax)) byState[record.state] = (byState[record.state] ?? 0) + 1;
        return { byState, isPartial: rows.length > scannedMax };
      },
      { readOnly: true },
    );
  }

  /**
   * Resends the newest notifications in these states, the oldest of them first, and waits for the attempts.
   * @param limit maximum number of notifications.
   * @param timeoutMs maximum time to wait, in milliseconds of real time.
   * @returns the numbers, `not_found`, or `action_not_allowed` for a world without an endpoint.
   */
  async resendAll(
    processingAccountId: string,
    states: readonly NotificationState[],
    { limit, timeoutMs }: { readonly limit: number; readonly timeoutMs: number },
  ): Promise<Result<ResentDeliveries>> {
    const { store, lists, delivery, waiter } = this.#parts;
    const world = await store.atomically((unit) => unit.get("world", processingAccountId), { readOnly: true });
    if (world === undefined) return refuse(unknownWorld(processingAccountId));
    if (world.settings.webhookUrl === undefined) return refuse(resendRefusal("without an endpoint"));
    const page = await lists.notificationsOf(processingAccountId, { states, limit });
    if (!page.ok) return page;
    const results: Result<Notification>[] = [];
    for (const { id } of page.value.data.toReversed()) results.push(await delivery.resendOnce(id, states));
    const resent = results.flatMap((result) => (result.ok ? [result.value] : []));
    await waiter.waitFor(processingAccountId, (unit) => areAttempted(unit, resent), timeoutMs);
    const delivered = await this.#deliveredOf(resent);
    return accept({ resent: resent.length, delivered, skipped: results.length - resent.length });
  }

  #deliveredOf(notifications: readonly Notification[]): Promise<number> {
    return this.#parts.store.atomically(
      async (unit) => {
        const now = await Promise.all(notifications.map(({ id }) => unit.get("notification", id)));
        return now.filter((one) => one?.state === "delivered").length;
      },
      { readOnly: true },
    );
  }

  /**
   * The request of an attempt that would begin now, without the faults of a scenario. Sends nothing.
   * @returns `not_found`, or `action_not_allowed` for a world without an endpoint.
   */
  requestNow(id: string): Promise<Result<WebhookRequest>> {
    const { store, clock } = this.#parts;
    return store.atomically(
      async (unit) => {
        const notification = await unit.get("notification", id);
        if (notification === undefined) return refuse({ code: "not_found" });
        const { settings, merchantId } = await worldOf(unit, notification);
        const { webhookUrl: url } = settings;
        if (url === undefined) return refuse(resendRefusal("without an endpoint"));
        const realTime = clock.now();
        const keys = activeKeys((await unit.get("merchant", merchantId))?.hmacKeys ?? [], realTime);
        const { body } = notification;
        const signatures = signWebhookBody(Buffer.from(body, "utf8"), url, keys, realTime);
        return accept({ url, headers: headerLines(webhookHeaders(signatures)), body });
      },
      { readOnly: true },
    );
  }

  /** The signatures of a request about a notification, verified with the keys of its merchant. */
  async signatures(notification: Notification, headers: WebhookRequest["headers"]): Promise<SentSignature[]> {
    const { store, clock } = this.#parts;
    const keys = await store.atomically(
      async (unit) => (await unit.get("merchant", (await worldOf(unit, notification)).merchantId))?.hmacKeys ?? [],
      { readOnly: true },
    );
    const values = headers.flatMap(([name, value]) => (name.toLowerCase() === "x-signature" ? [value] : []));
    return readSentSignatures(values, new TextEncoder().encode(notification.body), keys, clock.now());
  }
}

/** Whether each notification has another attempt. Reads the last one first, because it is sent last. */
async function areAttempted(unit: UnitOfWork, notifications: readonly Notification[]): Promise<ProbeResult<undefined>> {
  for (const { id, attempts } of notifications.toReversed()) {
    const made = (await unit.get("notification", id))?.attempts.length;
    if (made !== undefined && made <= attempts.length) return { present: {} };
  }
  return { reached: undefined };
}
