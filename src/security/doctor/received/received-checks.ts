import { createHash } from "node:crypto";
import { compressionOf } from "../../../domain/compression.ts";
import type { DetachedJws, JwsFault } from "../../jws.ts";
import { byteCount, checkOf, type DoctorCheck, notChecked, quoted } from "../check.ts";
import { audienceFault } from "./audience.ts";
import { keyFault, nameOf } from "./key-fault.ts";
import type { LineAnalysis } from "./line-analysis.ts";
import type { ReceivedMessage, SenderKnowledge } from "./message.ts";
import { findMistake, readComputed } from "./program-mistakes.ts";

/** Explains why `X-Signature` cannot be read. */
export function formFault(fault: JwsFault): string {
  const sentences: Readonly<Record<JwsFault, string>> = {
    not_three_parts: "X-Signature is not {b64url header}..{b64url signature}: it is cut off, or it is another header.",
    payload_not_detached:
      "X-Signature has a payload between its dots, and the provider sends none: copy it as received.",
    not_base64url: "X-Signature has a part that is not base64url: it was changed or cut off, so copy it as received.",
    header_not_json:
      "The header in X-Signature is not a JSON object: it was changed or cut off, so copy it as received.",
  };
  return sentences[fault];
}

function algFault({ alg, crit }: DetachedJws["header"]): string | undefined {
  if (alg === "ES256") {
    return 'alg is "ES256": this is the signature of a request of yours, so take X-Signature of the message itself.';
  }
  if (alg !== "HS256") return `alg is ${quoted(alg)}, but the provider signs with "HS256".`;
  return crit === undefined ? undefined : `The header has crit ${quoted(crit)}, which the provider does not send.`;
}

function expFault(exp: unknown, nowMs: number): string | undefined {
  if (typeof exp !== "number") return `exp is ${quoted(exp)}, which is not a number of seconds since 1970.`;
  if (exp * 1000 > nowMs) return undefined;
  const ago = Math.floor(nowMs / 1000 - exp);
  return (
    `exp is ${ago} s in the past by the real clock, so the message is refused now, even if the rest is right: ` +
    "verify a message when it arrives, with the real time in seconds, and not later from a file."
  );
}

/** Whether all but the signature itself is right. */
export function hasRightHeader(
  header: DetachedJws["header"],
  { url }: ReceivedMessage,
  { nowMs }: SenderKnowledge,
): boolean {
  return algFault(header) === undefined && header.aud === url && expFault(header.exp, nowMs) === undefined;
}

/** Every check of a signature that can be read. */
export function checksOf(analysis: LineAnalysis, message: ReceivedMessage, known: SenderKnowledge): DoctorCheck[] {
  const { header } = analysis.jws;
  const { aud, exp, kid } = header;
  const named = known.hmacKeys.find((key) => key.kid === kid);
  const aheadSeconds = typeof exp === "number" ? Math.floor(exp - known.nowMs / 1000) : 0;
  const rightAud = message.url === undefined ? "A response has no aud." : `aud is ${quoted(aud)}.`;
  return [
    checkOf("form", undefined, "X-Signature is {b64url header}..{b64url signature}."),
    checkOf("alg", algFault(header), 'alg is "HS256".'),
    named === undefined
      ? notChecked("kid", `kid ${quoted(kid)} is not known here`)
      : checkOf("kid", undefined, `kid is ${nameOf(named)}.`),
    checkOf("aud", audienceFault(aud, message.url), rightAud),
    keyCheck(analysis, message, known),
    signatureCheck(analysis, message),
    computedCheck(analysis, message),
    checkOf("exp", expFault(exp, known.nowMs), `exp is ${aheadSeconds} s ahead by the real clock.`),
  ];
}

function keyCheck(
  { jws: { header }, matchingKey }: LineAnalysis,
  { hmacKey }: ReceivedMessage,
  known: SenderKnowledge,
): DoctorCheck {
  const named = known.hmacKeys.find(({ kid }) => kid === header.kid);
  if (hmacKey === undefined && matchingKey === undefined && named === undefined) {
    const remedy = "give the shared secret, or ask the sandbox that signed";
    return checkOf("key", `kid ${quoted(header.kid)} names no key that is known here: ${remedy}.`, "");
  }
  const fault = hmacKey === undefined ? undefined : keyFault(hmacKey, matchingKey ?? named?.key, header.kid, known);
  if (fault === undefined && matchingKey === undefined) return notChecked("key", "the signature matches no known key");
  return checkOf(
    "key",
    fault,
    `The signature is made with ${hmacKey === undefined ? "a key that is known here" : "your key"}.`,
  );
}

function signatureCheck({ isMatch, matchingKey, bodyFault }: LineAnalysis, { body }: ReceivedMessage): DoctorCheck {
  if (isMatch) return checkOf("signature", undefined, "The signature matches the body and the key.");
  if (bodyFault !== undefined) return checkOf("signature", bodyFault, "");
  if (matchingKey !== undefined) return notChecked("signature", "it matches the body, but the key is wrong");
  const compression = compressionOf(body);
  if (compression !== undefined) {
    const remedy = "decompress it before you verify it, because the signature covers the text";
    return checkOf("signature", `The signature does not match the ${compression} data that you verify: ${remedy}.`, "");
  }
  const hash = createHash("sha256").update(body).digest("hex").slice(0, 16);
  const yours = `${byteCount(body.length)} whose SHA-256 begins with ${hash}`;
  const remedy = `compare it (${yours}) with the bytes as received, and your key with that of the sandbox`;
  return checkOf("signature", `The signature does not match the body that you verify: ${remedy}.`, "");
}

function computedCheck(
  { jws, isMatch, matchingKey: key }: LineAnalysis,
  { computed, body }: ReceivedMessage,
): DoctorCheck {
  if (computed === undefined) return notChecked("computed", "the signature that your program computes is not given");
  if (!isMatch || key === undefined) return notChecked("computed", "the signature must match first");
  const given = readComputed(computed);
  const right = given.find(({ bytes }) => bytes.equals(jws.signature));
  if (right?.encoding === "base64url") {
    const others = "its comparison of the texts, of aud or of exp refuses it";
    return checkOf("computed", undefined, `Your program computes the right signature: ${others}.`);
  }
  if (right !== undefined) {
    const remedy = "encode the bytes as base64url without padding, or decode both and compare bytes";
    return checkOf("computed", `Your program computes the right signature, but as ${right.encoding}: ${remedy}.`, "");
  }
  const mistake = findMistake(
    { ...jws, body, key },
    given.map(({ bytes }) => bytes),
  );
  if (mistake !== undefined) return checkOf("computed", `Your program ${mistake.cause}.`, "");
  const about = given.some(({ bytes }) => bytes.length === 32) ? "" : " It is also no HMAC-SHA256, which has 32 bytes.";
  const unknown =
    "Your program computes another signature, by none of the usual mistakes: compare its header, body and key";
  return checkOf("computed", `${unknown} byte by byte.${about}`, "");
}
