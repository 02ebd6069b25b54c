import { z } from "zod";
import { durationMs } from "../../domain/duration.ts";
import { firstKsuidTime, lastKsuidTime } from "../../domain/ksuid.ts";
import { declineReasons, payerActions } from "../../domain/payment.ts";
import type { Act } from "../../services/payments.ts";
import type { ClockTarget } from "../../services/scheduler.ts";

/** An instant that ids can carry, in RFC 3339. */
const instant = z
  .string()
  .refine((text) => z.iso.datetime({ offset: true }).safeParse(text).success, {
    error: "must be an instant like 2026-01-05T09:00:00Z",
    abort: true,
  })
  .transform((text) => Date.parse(text))
  .refine(
    (time) => time >= firstKsuidTime && time <= lastKsuidTime,
    `must lie between ${new Date(firstKsuidTime).toISOString()} and ${new Date(lastKsuidTime).toISOString()}`,
  );

const duration = z
  .string()
  .refine((text) => durationMs(text) !== undefined, {
    error: "must be an ISO 8601 duration like PT30M, in weeks, days, hours, minutes and seconds",
    abort: true,
  })
  .transform((text) => durationMs(text) as number);

const processingAccountId = z.string().optional();

/** `processingAccountId` as it stands in a body or a query; without it, the demo world is meant. */
export const worldOnly = z.strictObject({ processingAccountId });

const acts: readonly Act[] = ["scan", ...payerActions];

export const actBody = z.strictObject({ action: z.enum(acts), reason: z.enum(declineReasons).optional() });

export const clockBody = z.discriminatedUnion("mode", [
  z.strictObject({ processingAccountId, mode: z.literal("frozen"), at: instant.optional() }),
  z.strictObject({ processingAccountId, mode: z.literal("running") }),
]);

export const advanceBody = z
  .strictObject({ processingAccountId, by: duration.optional(), to: instant.optional() })
  .refine(({ by, to }) => (by === undefined) !== (to === undefined), 'must have either "by" or "to"')
  .transform(({ processingAccountId, by, to }) => {
    const target: ClockTarget = by === undefined ? { to: to as number } : { byMs: by };
    return { processingAccountId, target };
  });

export const resetBody = z
  .strictObject({ processingAccountId, all: z.literal(true).optional() })
  .refine(({ processingAccountId, all }) => processingAccountId === undefined || all === undefined, {
    error: 'must not have both "processingAccountId" and "all"',
  });
