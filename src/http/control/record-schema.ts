import { z } from "zod";
import { durationMaxMs } from "../../domain/duration.ts";
import { isKsuid } from "../../domain/ksuid.ts";
import type { Members, SimpleTypes, Value } from "../../domain/members.ts";
import { allowedAddresses, isAppUrl } from "../../domain/return-address.ts";
import { listOf } from "../bounded-issues.ts";

/** The end of the year 9999, in milliseconds since 1970: the date-times of responses have four digits for the year. */
const timeMaxMs = 253_402_300_799_999;

const wholeUpTo = (max: number, allowed: string) =>
  z.number().refine((value) => Number.isSafeInteger(value) && value >= 0 && value <= max, `must be ${allowed}`);
const count = wholeUpTo(Number.MAX_SAFE_INTEGER, "a whole number");
const money = z.custom<number>((value) => Number.isSafeInteger(value), "must be an amount in whole cents");

const isHttpUrl = (url: string) => /^https?:\/\/\S+$/i.test(url) && URL.canParse(url);

/** The schema of each simple type. */
export const simpleSchemas = {
  boolean: z.boolean(),
  true: z.literal(true),
  string: z.string(),
  text: z.string().min(1, "must not be empty"),
  ksuid: z.string().refine(isKsuid, "must be a KSUID: 27 letters and digits"),
  token: z.string().regex(/^[\w-]{24}$/, "must be 24 letters, digits, hyphens and underscores"),
  httpUrl: z.string().refine(isHttpUrl, "must be an absolute http or https URL"),
  returnUrl: z
    .string()
    .refine((url) => isHttpUrl(url) || (isAppUrl(url) && !/\s/.test(url)), `must be ${allowedAddresses.custom}`),
  privateKey: z.string().startsWith("-----BEGIN PRIVATE KEY-----", "must be a private key as PEM (PKCS #8)"),
  header: z.tuple([z.string(), z.string()]),
  count,
  positiveCount: count.refine((value) => value > 0, "must be at least 1"),
  time: wholeUpTo(timeMaxMs, "a time in milliseconds since 1970, at most the end of the year 9999"),
  delayMs: wholeUpTo(durationMaxMs, `a whole number of milliseconds up to ${durationMaxMs}`),
  money,
  positiveMoney: money.refine((value) => value > 0, "must be more than nothing"),
} as const satisfies Record<keyof SimpleTypes, z.ZodType>;

function schemaOf(value: Value): z.ZodType {
  if (typeof value === "string") return simpleSchemas[value];
  if ("oneOf" in value) return z.literal(value.oneOf);
  if ("either" in value) return z.union(value.either.map(schemaOf));
  if ("list" in value) return listOf(schemaOf(value.list));
  if ("object" in value) return recordSchema(value.object);
  const kinds = Object.entries(value.kinds).map(([kind, members]) =>
    z.strictObject({ kind: z.literal(kind), ...schemasOf(members) }),
  );
  const error = `must be ${Object.keys(value.kinds)
    .map((kind) => JSON.stringify(kind))
    .join(" or ")}`;
  return z.discriminatedUnion("kind", kinds as [(typeof kinds)[number]], { error });
}

/** Returns the schema of the records that a description describes. It accepts no other members. */
export function recordSchema(members: Members): z.ZodObject {
  return z.strictObject(schemasOf(members));
}

function schemasOf(members: Members): Record<string, z.ZodType> {
  const schemas = Object.entries(members).map(([name, member]) => [
    name,
    typeof member === "object" && "optional" in member ? schemaOf(member.optional).exactOptional() : schemaOf(member),
  ]);
  return Object.fromEntries(schemas) as Record<string, z.ZodType>;
}
