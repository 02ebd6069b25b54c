import { z } from "zod";
import { durationMs } from "../../domain/duration.ts";
import { firstKsuidTime, lastKsuidTime } from "../../domain/ksuid.ts";
import { scopes } from "../../domain/merchant.ts";
import { payerWallets } from "../../domain/payment.ts";
import { minimumRefund } from "../../domain/refund.ts";
import { returnPlans } from "../../domain/scenario.ts";
import { readSettings } from "../../domain/settings.ts";
import { declineReasons, payerActions, refundOutcomes } from "../../domain/statuses.ts";
import type { WorldClock, WorldSettings } from "../../domain/world.ts";
import type { Act } from "../../services/payments/payments.ts";
import type { ClockTarget } from "../../services/scheduling/clocks.ts";
import { amountValue, currency, merchantReference } from "../api/schemas.ts";

/** An instant that ids can carry, in RFC 3339. */
const instant = z
  .string()
  .refine((text) => z.iso.datetime({ offset: true }).safeParse(text).success, {
    error: "must be an instant like 2026-01-05T09:00:00Z",
    abort: true,
  })
  .meta({ format: "date-time" })
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
  .meta({ format: "duration" })
  .transform((text) => durationMs(text) as number);

const processingAccountId = z.string().optional();

/** `processingAccountId` as it stands in a body or a query; without it, the demo world is meant. */
export const worldOnly = z.strictObject({ processingAccountId });

const acts: readonly Act[] = ["scan", ...payerActions];

export const actBody = z.strictObject({
  action: z.enum(acts),
  reason: z.enum(declineReasons).optional(),
  wallet: z.enum(payerWallets).optional(),
  return: z.enum(returnPlans).optional(),
});

/** A refund that is started at the provider: all that is left, where no amount is given. */
export const providerRefundBody = z
  .strictObject({
    merchantReference: merchantReference.default("refunded at the provider"),
    amount: z.strictObject({ value: amountValue(minimumRefund), currency }).optional(),
  })
  .transform(({ merchantReference, amount }) => ({ merchantReference, amount: amount?.value }));

export const actOnRefundBody = z.strictObject({ action: z.enum(refundOutcomes) });

export const clockBody = z.discriminatedUnion(
  "mode",
  [
    z.strictObject({ processingAccountId, mode: z.literal("frozen"), at: instant.optional() }),
    z.strictObject({ processingAccountId, mode: z.literal("running") }),
  ],
  { error: 'must be "frozen" or "running"' },
);

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

const publicKey = z.union([z.string(), z.record(z.string(), z.unknown())], { error: "must be a PEM text or a JWK" });

export const credentialBody = z.strictObject({
  processingAccountId,
  publicKey,
  kid: z.string().optional(),
  scopes: z.array(z.enum(scopes)).optional(),
});

/** One hour, where nothing is said. */
const defaultOverlap = 3_600_000;

export const rotateBody = z.strictObject({ processingAccountId, overlap: duration.default(defaultOverlap) });

export const retireBody = z.strictObject({ processingAccountId, hmacKid: z.string() });

const settings = z
  .looseObject({})
  .meta({ id: "Settings" })
  .transform(
    (given, context): Partial<WorldSettings> =>
      readSettings(given, (name, input, complaint) => {
        context.issues.push({ code: "custom", path: [name], message: complaint, input });
      }),
  );

const clock = z.union(
  [
    z.literal("running").transform((): WorldClock => ({ mode: "running", shiftMs: 0 })),
    instant.transform((time): WorldClock => ({ mode: "frozen", time })),
  ],
  { error: 'must be "running", or an instant like 2026-01-05T09:00:00Z' },
);

/** A world that is opened on purpose. `clock` is `running`, or the instant to stand at. */
export const openWorldBody = z.strictObject({
  processingAccountId,
  settings: settings.optional(),
  clock: clock.optional(),
});

/** Settings to be changed; `null` takes the endpoint away. */
export const changeWorldBody = z.strictObject({
  settings: z
    .looseObject({})
    .meta({ id: "SettingChanges" })
    .transform((given, context): Partial<WorldSettings> => {
      const { webhookUrl, ...others } = given;
      const read = readSettings(webhookUrl === null ? others : given, (name, input, complaint) => {
        context.issues.push({ code: "custom", path: [name], message: complaint, input });
      });
      return webhookUrl === null ? { ...read, webhookUrl: undefined } : read;
    }),
});

/** A request whose signature is to be looked at. */
export const diagnoseBody = z.strictObject({
  method: z.string(),
  target: z.string(),
  body: z.string().default(""),
  signature: z.string().optional(),
});
