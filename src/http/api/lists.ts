import { z } from "zod";
import { lazySchema } from "../route.ts";
import { processingAccountId } from "./fields.ts";
import { marked, type Provenance } from "./provenance.ts";

/** Limits a query to one account of the merchant. */
export const account = lazySchema(() =>
  processingAccountId().optional().meta(marked("ours", "Only this account; by default all accounts of the merchant.")),
);

const instant = (source: Provenance, description: string) =>
  z
    .string()
    .refine((text) => z.iso.datetime({ offset: true }).safeParse(text).success, {
      error: "must be an RFC 3339 instant like 2026-01-05T09:00:00Z (in a query a plus sign is written %2B)",
      abort: true,
    })
    .transform((text) => Date.parse(text))
    .meta(marked(source, description, { format: "date-time" }));

const limit = lazySchema(() =>
  z
    .string()
    .refine(
      (text) => /^\d{1,3}$/.test(text) && Number(text) >= 1 && Number(text) <= 100,
      "must be a number from 1 to 100",
    )
    .transform(Number)
    .default(20)
    .meta(
      marked("ours", "Maximum number of entries.", {
        override: { type: "integer", minimum: 1, maximum: 100, default: 20 },
      }),
    ),
);

/** The query of a list. @param list the name in its cursors. @param range origin of `fromTime` and `toTime`. */
export const listQuery = (list: string, range: Provenance) => ({
  processingAccountId: account(),
  fromTime: instant(range, "Only entries created at or after this instant.").optional(),
  toTime: instant(range, "Only entries created before this instant.").optional(),
  limit: limit(),
  cursor: cursorOf(list).optional().meta(marked("ours", "The `nextCursor` of the previous page.")),
});

/** The cursor of a list. Cursors of other lists are refused. */
export function cursorOf(list: string): z.ZodType<number, string> {
  return z
    .string()
    .refine((text) => endOf(list, text) !== undefined, { error: "is not a cursor of this list", abort: true })
    .transform((text) => endOf(list, text) as number);
}

/** The end of the page that a cursor was issued with. */
function endOf(list: string, cursor: string): number | undefined {
  const [, digits = ""] = / ([1-9]\d{0,14})$/.exec(Buffer.from(cursor, "base64url").toString("ascii")) ?? [];
  return digits !== "" && presentCursor(list, Number(digits)) === cursor ? Number(digits) : undefined;
}

/** The end of a page as an opaque text, which is valid for its own list alone. [ours] */
export function presentCursor(list: string, end: number): string {
  return Buffer.from(`${list} ${end}`).toString("base64url");
}

/** The schema of one page of a list. @param what the entries, as a plural with a capital. */
export const pageOf = <T extends z.ZodType>(id: string, item: T, what: string) =>
  z
    .object({
      data: z.array(item).meta(marked("ours", `${what}, newest first.`)),
      nextCursor: z
        .string()
        .meta(
          marked(
            "ours",
            "Cursor of the next page; absent on the last page. A page with a `nextCursor` may have fewer entries " +
              "than its limit, or none.",
          ),
        )
        .exactOptional(),
    })
    .meta({ id, ...marked("ours", "One page of a list.") });

/** One page of a list on the wire. [ours] */
export function presentPage<T, R>(
  list: string,
  { data, end }: { readonly data: readonly T[]; readonly end?: number },
  present: (item: T) => R,
): { readonly data: readonly R[]; readonly nextCursor?: string } {
  return { data: data.map(present), ...(end === undefined ? {} : { nextCursor: presentCursor(list, end) }) };
}
