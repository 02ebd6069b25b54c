import { lastKsuidTime } from "./ksuid.ts";
import type { Money } from "./money.ts";
import { invalidMember, type Refusal } from "./refusal.ts";

/** A world's clock: real time plus a shift, or standing at an instant. Milliseconds. */
export type WorldClock =
  | { readonly mode: "running"; readonly shiftMs: number }
  | { readonly mode: "frozen"; readonly time: number };

/** What a clock shows; it stops at the last instant that an id can carry. */
export function worldTime(clock: WorldClock, realTime: number): number {
  return clock.mode === "frozen" ? clock.time : Math.min(realTime + clock.shiftMs, lastKsuidTime);
}

/** The same clock, showing `time` at the real time given. */
export function moveClock(clock: WorldClock, time: number, realTime: number): WorldClock {
  return clock.mode === "frozen" ? { mode: "frozen", time } : { mode: "running", shiftMs: time - realTime };
}

/**
 * Judges where a clock is to go: not back, and not past the last instant that an id can carry.
 * @param member the name of the member that asks for it.
 */
export function checkClockTarget(time: number, now: number, member: string): Refusal | undefined {
  if (time < now) return invalidMember(member, `would take the clock back from ${new Date(now).toISOString()}`);
  if (time <= lastKsuidTime) return undefined;
  return invalidMember(member, `would take the clock past ${new Date(lastKsuidTime).toISOString()}`);
}

export const webhookTlsModes = ["verify", "accept_any"] as const;
/** `accept_any` takes self-signed certificates. */
export type WebhookTls = (typeof webhookTlsModes)[number];

/** What can be set for a world. Durations in milliseconds of world time, unless said otherwise. */
export interface WorldSettings {
  /** The name that the payer reads: the provider's API has none. */
  readonly merchantName: string;
  /** Where notifications go; none are sent without it. */
  readonly webhookUrl?: string | undefined;
  /** How long an answer to a webhook may take, in real time. 30 s [docs] */
  readonly webhookTimeoutMs: number;
  /** How long a payment waits for the payer. 30 min [wallet] */
  readonly expiryMs: number;
  /** How to look at the endpoint's certificate. */
  readonly webhookTls: WebhookTls;
  /** How long after its creation a scenario decides a payment. 2 s [ours] */
  readonly outcomeDelayMs: number;
  /** How long a refund is pending. 2 s [ours] */
  readonly refundDelayMs: number;
  /** How long after its capture a payment can be refunded. 365 days [wallet] */
  readonly refundWindowMs: number;
  /** The most that one payment can take. HKD 50,000 [wallet] */
  readonly amountMax: Money;
  /** Whether the amounts of the catalogue choose scenarios. */
  readonly magicAmounts: boolean;
  /** How long the result page stands before the browser goes back, in real time. 2 s [ours] */
  readonly returnDelayMs: number;
}

/** Everything that belongs to one `processingAccountId`; worlds share nothing. */
export interface World {
  readonly processingAccountId: string;
  readonly merchantId: string;
  readonly clock: WorldClock;
  readonly settings: WorldSettings;
  /** When it was opened, or put back last: what began in it before writes nothing any more. Real time. */
  readonly startTime: number;
  /** What it was opened with on purpose, and what a reset brings back. */
  readonly opening?: { readonly settings?: WorldSettings; readonly clock?: WorldClock };
}
