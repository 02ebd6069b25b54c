import { z } from "zod";
import { durationMs } from "../domain/duration.ts";
import { firstKsuidTime, lastKsuidTime } from "../domain/ksuid.ts";
import { isHttpUrl } from "../domain/settings.ts";
import type { WorldClock } from "../domain/world.ts";
import { ConfigError } from "./config-error.ts";

const httpUrl = z.string().refine(isHttpUrl);
const wholeNumber = z.union([
  z.number(),
  z
    .string()
    .regex(/^\d{1,9}$/)
    .transform(Number),
]);
const text = z.string().min(1);
const frozenAt = z.iso
  .datetime({ offset: true })
  .transform((value) => Date.parse(value))
  .refine((time) => time >= firstKsuidTime && time <= lastKsuidTime)
  .transform((time): WorldClock => ({ mode: "frozen", time }));
export const runningClock: WorldClock = { mode: "running", shiftMs: 0 };
const names = z.union([z.array(text), text.transform((list) => list.split(",").map((name) => name.trim()))]);

/** Sources as a Content-Security-Policy has them: nothing that would begin another part of the policy. */
const frameSource =
  "('self'|https?:|(https?://)?(\\*\\.)?[a-z\\d.-]+(:(\\d+|\\*))?|https?://\\[[a-f\\d:]+\\](:\\d+)?|\\*)";
const frameSources = new RegExp(`^${frameSource}( ${frameSource})*$`, "i");

export interface Option<T> {
  readonly schema: z.ZodType<T>;
  /** What is allowed, to stand after "allowed is". */
  readonly allowed: string;
  /** What may be told of a wrong value that may hold a secret; without it, all of it. */
  readonly tell?: (value: unknown) => string | undefined;
}

/** A length of real time that is more than nothing, in milliseconds. */
const duration = z
  .string()
  .transform((value) => durationMs(value) ?? 0)
  .refine((ms) => ms > 0);
const isPostgresUrl = (url: string) => {
  if (!/^postgres(ql)?:\/\//.test(url) || !URL.canParse(url)) return false;
  const { hostname, pathname, search, hash, searchParams } = new URL(url);
  // What stands in a password and is not encoded (/ ? #) ends the host in the middle of it.
  return (
    (hostname !== "" || searchParams.has("host")) && /^\/?[^/@]*$/.test(pathname) && !`${search}${hash}`.includes("@")
  );
};
/** What a URL begins with, or a single word. */
const schemeOf = (value: unknown) => {
  const [, word = "", more = ""] = /^([a-z]{0,20}:?)(.*)$/is.exec(String(value)) ?? [];
  return more === "" ? JSON.stringify(value) : `"${word}…"`;
};

const httpUrlAllowed = "an http or https URL without user name";

/** The options that flags, variables and the file share. A flag is the name with dashes, a variable `SANDBOX_` before it. */
export const options = {
  port: {
    schema: wholeNumber.pipe(z.number().int().min(0).max(65_535)),
    allowed: "0 to 65535 (0 takes any free port)",
  },
  host: { schema: text, allowed: "an address of this machine, 127.0.0.1 or 0.0.0.0 for instance" },
  publicUrl: {
    schema: httpUrl.refine((url) => /^[^/]*\/\/[^/?#]*\/?$/.test(url)).transform((url) => url.replace(/\/$/, "")),
    allowed: "an http or https URL without path, like https://sandbox.example.com",
  },
  auth: { schema: z.enum(["verify", "require", "off"]), allowed: "verify, require or off" },
  webhookUrl: { schema: httpUrl, allowed: httpUrlAllowed },
  clock: {
    schema: z.union([z.literal("running").transform(() => runningClock), frozenAt]),
    allowed: "running, or an instant from 2014-05-13T16:53:20Z to 2150-06-19T23:21:35Z like 2026-01-05T09:00:00Z",
  },
  seed: { schema: text, allowed: "any text" },
  accounts: { schema: z.enum(["open", "listed"]), allowed: "open or listed" },
  adminToken: {
    schema: text.regex(/^[\x21-\x7e]+$/),
    allowed: "a text without blanks, or none",
    tell: () => '"…"',
  },
  allowHost: {
    schema: names.transform((list) => list.map((name) => name.toLowerCase())),
    allowed: "host names without port, commas between",
  },
  frameAncestors: {
    schema: text.regex(frameSources).transform((sources) => (sources === "none" ? "'none'" : sources)),
    allowed: "none, or origins and 'self' with blanks between, like https://shop.example 'self'",
  },
  log: { schema: z.enum(["pretty", "json", "silent"]), allowed: "pretty, json or silent" },
  demo: { schema: z.boolean(), allowed: "true or false" },
  store: {
    schema: z.union([z.literal("memory"), z.string().refine(isPostgresUrl)]),
    allowed:
      "memory, or the URL of a PostgreSQL database like postgres://user:password@host:5432/database, / in a password as %2F",
    tell: schemeOf,
  },
  storeSchema: {
    schema: text.regex(/^(?!pg_)[a-z_][a-z\d_]{0,47}$/),
    allowed: "at most 48 small letters, digits and underscores, no digit and no pg_ first",
  },
  storeConnections: {
    schema: wholeNumber.pipe(z.number().int().min(2).max(1000)),
    allowed: "a whole number from 2 to 1000",
  },
  storeTimeout: { schema: duration, allowed: "a length of time like PT5S" },
  removeUnusedAfter: { schema: duration, allowed: "a length of time like P30D" },
} as const satisfies Record<string, Option<unknown>>;

export type OptionName = keyof typeof options;

/** Reads a value, or says of it where it came from and what is allowed. Throws `ConfigError`. */
export function check<T>(option: Option<T>, value: unknown, origin: string): T {
  const { schema, allowed, tell = tellWithoutPassword } = option;
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new ConfigError(`${origin} is ${tell(value)}: allowed is ${allowed}.`);
}

function tellWithoutPassword(value: unknown): string | undefined {
  return JSON.stringify(value)?.replace(/\/\/.*@/, "//…@");
}
