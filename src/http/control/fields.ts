import { z } from "zod";
import { durationMs } from "../../domain/duration.ts";
import { firstKsuidTime, lastKsuidTime } from "../../domain/ksuid.ts";
import { paymentStatuses } from "../../domain/statuses.ts";
import { cursorOf } from "../api/lists.ts";
import { lazySchema } from "../route.ts";

// Members that several resources have. Those of requests are checked, those of responses are described.

/** An instant that ids can carry, in RFC 3339. */
export const instant = lazySchema(() =>
  z
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
    ),
);

export const duration = lazySchema(() =>
  z
    .string()
    .refine((text) => durationMs(text) !== undefined, {
      error: "must be an ISO 8601 duration like PT30M, in weeks, days, hours, minutes and seconds",
      abort: true,
    })
    .meta({ format: "duration" })
    .transform((text) => durationMs(text) as number),
);

export const processingAccountId = lazySchema(() =>
  z.string().optional().meta({ description: "The world; by default the demo world." }),
);

/** The query or body of a route of a world. */
export const worldInput = lazySchema(() => z.strictObject({ processingAccountId: processingAccountId() }));

export const paymentStatus = lazySchema(() => z.enum(paymentStatuses));

/** An optional text. */
export const optionalText = (description: string) => z.string().optional().meta({ description });

/** A number in a query, written as text. */
const queryNumber = (range: { readonly min: number; readonly max: number; readonly preset: number }, words: string) =>
  z
    .string()
    .refine(
      (digits) => /^\d{1,5}$/.test(digits) && Number(digits) >= range.min && Number(digits) <= range.max,
      `must be a number from ${range.min} to ${range.max}`,
    )
    .meta({ override: { type: "integer", minimum: range.min, maximum: range.max, default: range.preset } })
    .transform(Number)
    .default(range.preset)
    .meta({ description: words });

/** Timeout of a wait, in milliseconds of real time; at most one minute. */
export const timeoutMs = lazySchema(() =>
  queryNumber({ min: 0, max: 60_000, preset: 5000 }, "Timeout, in milliseconds of real time."),
);

/** The query of a list. @param list names the list in its cursors. */
export const listQuery = (list: string) => ({
  processingAccountId: processingAccountId(),
  limit: queryNumber({ min: 1, max: 1000, preset: 100 }, "Maximum number of entries."),
  cursor: cursorOf(list).optional().meta({ description: "The `nextCursor` of the previous page." }),
});

/** A text of a closed list. The document leaves the list open, so that a generated client survives new values. */
export const textOf = <T extends string>() => z.string() as unknown as z.ZodType<T, T>;

export const responseInstant = () => z.string().meta({ format: "date-time" });

export const realMs = () => z.number().meta({ description: "Real time, in milliseconds." });

/** A schema that has a name in the document. */
export const named = <T extends z.ZodType>(id: string, description: string, schema: T): T =>
  schema.meta({ id, description });

/** The schema of one page of a list. */
export const pageOf = <T extends z.ZodType>(id: string, item: T) =>
  named(
    id,
    "One page of a list, newest first.",
    z.object({
      data: z.array(item),
      nextCursor: z.string().exactOptional().meta({ description: "Cursor of the next page; absent on the last page." }),
    }),
  );

/** The processing account and expiry that responses of the control surface add to a payment. */
export const worldMembers = () => ({ processingAccountId: z.string(), expireTime: responseInstant() });

/** Leaves out the members without a value. */
export function compact<T extends object>(members: T): { [M in keyof T]: Exclude<T[M], undefined> } {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as never;
}
