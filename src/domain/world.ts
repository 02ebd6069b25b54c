import type { ContractChanges } from "./contract-rules.ts";
import { lastKsuidTime } from "./ksuid.ts";
import type { Money } from "./money.ts";
import { invalidMember, type Refusal } from "./refusal.ts";

export const clockModes = ["running", "frozen"] as const;

/** A world's clock: real time plus a shift, or frozen at an instant. Milliseconds. */
export type WorldClock =
  | { readonly mode: "running"; readonly shiftMs: number }
  | { readonly mode: "frozen"; readonly time: number };

/** Returns the time of a clock, at most the last instant that an id can contain. */
export function worldTime(clock: WorldClock, realTime: number): number {
  return clock.mode === "frozen" ? clock.time : Math.min(realTime + clock.shiftMs, lastKsuidTime);
}

/** Returns a clock of the same mode that shows `time` at that real time. */
export function moveClock(clock: WorldClock, time: number, realTime: number): WorldClock {
  return clock.mode === "frozen" ? { mode: "frozen", time } : { mode: "running", shiftMs: time - realTime };
}

/**
 * Checks the target of a clock change: not before now, and not after the last instant that an id can contain.
 * @param member the request member with the target, for the refusal.
 */
export function checkClockTarget(time: number, now: number, member: string): Refusal | undefined {
  if (time < now) {
    const remedy = member === "at" ? ": to begin earlier, open a world with that clock by POST /_sandbox/worlds" : "";
    return invalidMember(member, `would take the clock back from ${new Date(now).toISOString()}${remedy}`);
  }
  if (time <= lastKsuidTime) return undefined;
  return invalidMember(member, `would take the clock past ${new Date(lastKsuidTime).toISOString()}`);
}

export const webhookTlsModes = ["verify", "accept_any"] as const;
/** How to check the certificate of the endpoint. `accept_any` accepts self-signed certificates. */
export type WebhookTls = (typeof webhookTlsModes)[number];

/** The settings of a world. Durations are in milliseconds of world time unless stated otherwise. */
export interface WorldSettings {
  /** The merchant name on the payer's pages. The provider's API has none. */
  readonly merchantName: string;
  /** The merchant's logo: a data URL, or the address of the stored image. The records of worlds have the address. */
  readonly merchantLogo?: string | undefined;
  /** The endpoint for notifications. None are sent without it. */
  readonly webhookUrl?: string | undefined;
  /** Timeout of a webhook, in milliseconds of real time. 30 s [docs] */
  readonly webhookTimeoutMs: number;
  /** Lifetime of a pending payment. 30 min [wallet] */
  readonly expiryMs: number;
  readonly webhookTls: WebhookTls;
  /** Delay from the creation of a payment to the outcome of its scenario. 2 s [ours] */
  readonly outcomeDelayMs: number;
  /** Delay from the creation of a refund to its outcome. 2 s [ours] */
  readonly refundDelayMs: number;
  /** Time after the capture in which a payment can be refunded. 365 days [wallet] */
  readonly refundWindowMs: number;
  /** Maximum amount of a payment. HKD 50,000 [wallet] */
  readonly amountMax: Money;
  /** Whether amounts choose scenarios of the catalogue. */
  readonly magicAmounts: boolean;
  /** Delay before the result page returns to the merchant, in milliseconds of real time. 2 s [ours] */
  readonly returnDelayMs: number;
  /** The rules of the provider that differ from the defaults. */
  readonly contract?: ContractChanges | undefined;
}

/** Everything that belongs to one `processingAccountId`; worlds share nothing. */
export interface World {
  readonly processingAccountId: string;
  readonly merchantId: string;
  readonly clock: WorldClock;
  readonly settings: WorldSettings;
  /** Real time of its opening, or of its last reset or restore. Work that began before writes nothing. */
  readonly startTime: number;
  /** The settings and the clock that it was opened with. A reset restores them. */
  readonly opening?: { readonly settings?: WorldSettings; readonly clock?: WorldClock };
}
