import { quoted } from "../check.ts";
import { otherSpelling } from "./audience.ts";

// Usual mistakes of a program that refuses a right signature. Each completes "Your program".

export const keyCause = "decodes the key from base64url: take the UTF-8 bytes of its text";

export const bodyCause = "verifies the body after a parser has read it: take the bytes as received";

export const clockCause =
  "compares exp with milliseconds, with the time of a world, or with a frozen clock: it is in seconds of real time";

/** Several signatures, as during a key rotation. */
export function joinedCause(count: number): string {
  const remedy = "split the value at the commas, and accept the message if one is right";
  return `takes the ${count} signatures in X-Signature, which most servers join with ", ", for one: ${remedy}`;
}

/** @param url the endpoint that a webhook was sent to. */
export function nameCause(url: string): string {
  const other = otherSpelling(url);
  const example = other === undefined ? "" : ` such as ${quoted(other)}`;
  return `compares aud with another name of your server${example}: it is exactly ${quoted(url)}`;
}
