import { z } from "zod";
import { shortOrIsoDurationMs } from "../domain/duration.ts";
import { firstKsuidTime, lastKsuidTime } from "../domain/ksuid.ts";
import { isHttpUrl } from "../domain/settings.ts";
import type { WorldClock } from "../domain/world.ts";

export const text = z.string().min(1);
export const token = text.regex(/^[\x21-\x7e]+$/);

/** A whole number; flags and variables spell it in digits. */
export function wholeNumber(min: number, max: number) {
  const number = z.number().int().min(min).max(max);
  const digits = z.string().regex(/^\d{1,9}$/);
  return z.union([number, digits.transform(Number).pipe(number)]);
}

export const httpUrl = z.string().refine(isHttpUrl);
/** A URL without query. Its path needs no escapes in pages, cookies and policies. */
export const baseUrl = httpUrl
  .refine((url) => /^[^/]*\/\/[^/?#]+(\/(?!\.\.?(\/|$))[\w.~-]+)*\/?$/.test(url))
  .transform((url) => url.replace(/\/$/, ""));

/** A name without port, or the end of names after a dot or `*.`: other values would never match a `Host`. */
const hostName = text.toLowerCase().regex(/^(\*?\.)?[a-z\d_-]+(\.[a-z\d_-]+)*$/);
const namesInText = text.transform((list) => list.split(",").flatMap((name) => name.trim() || []));
export const hostNames = z.union([z.array(text), namesInText]).pipe(z.array(hostName));

const running: WorldClock = { mode: "running", shiftMs: 0 };
const frozenAt = z.iso
  .datetime({ offset: true })
  .transform((value) => Date.parse(value))
  .refine((time) => time >= firstKsuidTime && time <= lastKsuidTime)
  .transform((time): WorldClock => ({ mode: "frozen", time }));
export const clock = z.union([z.literal("running").transform(() => running), frozenAt]);

/** Real time above zero, in milliseconds: `30m`, or `PT30M` in ISO 8601. */
export const duration = z
  .string()
  .transform((value) => shortOrIsoDurationMs(value) ?? 0)
  .refine((ms) => ms > 0);

/** Sources of a Content-Security-Policy, without characters that would start another directive. */
const frameSource =
  "('self'|https?:|(https?://)?(\\*\\.)?[a-z\\d.-]+(:(\\d+|\\*))?|https?://\\[[a-f\\d:]+\\](:\\d+)?|\\*)";
const frameSourceList = new RegExp(`^${frameSource}( ${frameSource})*$`, "i");
export const frameSources = text
  .refine((sources) => frameSourceList.test(sources))
  .transform((sources) => (sources === "none" ? "'none'" : sources));

export const postgresUrl = z.string().refine((url) => {
  if (!/^postgres(ql)?:\/\//.test(url) || !URL.canParse(url)) return false;
  const { hostname, pathname, search, hash, searchParams } = new URL(url);
  // An unencoded / ? or # in the password ends the host early, and the rest of the password follows it.
  return (
    (hostname !== "" || searchParams.has("host")) && /^\/?[^/@]*$/.test(pathname) && !`${search}${hash}`.includes("@")
  );
});
export const schemaName = text.regex(/^(?!pg_)[a-z_][a-z\d_]{0,47}$/);
