import { parseDetachedJws } from "../jws.ts";
import type { SignedParts } from "../request-signature.ts";

/** What the doctor knows besides the request. */
export interface DoctorKnowledge {
  /** Real time, milliseconds. */
  readonly nowMs: number;
  /** Every credential that exists here; the public key is SPKI, PEM. */
  readonly credentials: readonly { readonly kid: string; readonly merchantId: string; readonly publicKey: string }[];
  /** Shared secrets, to recognise an HMAC where ES256 belongs. Their text is never shown. */
  readonly hmacKeys: readonly { readonly kid: string; readonly key: string }[];
  /** How many verifications the search for what was signed may take; each takes about 0.1 ms. */
  readonly verificationsMax?: number;
}

/** One thing that was looked at. */
export interface DoctorCheck {
  /** In snake_case; stable. */
  readonly name: string;
  /** `unknown`: could not be judged because something before it is wrong. */
  readonly verdict: "ok" | "wrong" | "unknown";
  readonly sentence: string;
}

type Members = Readonly<Record<string, unknown>>;

/** `X-Signature` read as far as it can be read, however malformed it is. */
export interface Reading {
  /** As it was sent, and as it stands under the signature. */
  readonly encodedHeader: string;
  readonly header: Members | undefined;
  /** What stands between the dots; `undefined` where nothing does, as it should be. */
  readonly payload: Buffer | undefined;
  /** The members of that payload where it is a JSON object. */
  readonly claims: Members | undefined;
  readonly signature: Buffer;
}

const quotedMax = 200;

/** A value as JSON, shortened. */
export function quoted(value: unknown): string {
  const text = jsonText(value);
  return text.length <= quotedMax ? text : `${text.slice(0, quotedMax - 3).replace(/[\ud800-\udbff]$/, "")}...`;
}

function jsonText(value: unknown): string {
  try {
    return typeof value === "number" ? String(value) : (JSON.stringify(value) ?? "nothing");
  } catch {
    return "a deeply nested value";
  }
}

export function byteCount(count: number): string {
  return count === 1 ? "1 byte" : `${count} bytes`;
}

/** A check whose fault is told, or that is right. */
export function check(name: string, fault: string | undefined, praise: string): DoctorCheck {
  return fault === undefined ? { name, verdict: "ok", sentence: praise } : { name, verdict: "wrong", sentence: fault };
}

/** A check that something earlier prevented. */
export function unjudged(name: string, because: string): DoctorCheck {
  return { name, verdict: "unknown", sentence: `Not judged: ${because}.` };
}

/** Reads what a strict parser would refuse: a missing dot, padding, the other alphabet, quotes or `Bearer` around. */
export function readSignature(text: string): Reading {
  const split = withoutWrapping(text).split(".");
  const [encodedHeader = "", middle = "", last = ""] = split.length === 2 ? [split[0], "", split[1]] : split;
  if (split.length < 2 || split.length > 3) {
    return { encodedHeader, header: undefined, payload: undefined, claims: undefined, signature: Buffer.alloc(0) };
  }
  return {
    encodedHeader,
    header: objectIn(encodedHeader),
    payload: middle === "" ? undefined : Buffer.from(middle, "base64url"),
    claims: objectIn(middle),
    signature: Buffer.from(last, "base64url"),
  };
}

function withoutWrapping(text: string): string {
  const bare = text.trim().replace(/^Bearer\s+/i, "");
  return /^(["']).*\1$/s.test(bare) ? bare.slice(1, -1) : bare;
}

function objectIn(encoded: string): Members | undefined {
  const jws = parseDetachedJws(`${Buffer.from(encoded, "base64url").toString("base64url")}..AA`);
  return typeof jws === "string" ? undefined : jws.header;
}

/** Judges the form of `X-Signature`: `{b64url header}..{b64url signature}`, a detached JWS. [docs] */
export function judgeForm(text: string, reading: Reading, parts: SignedParts): DoctorCheck[] {
  const split = text.split(".");
  const [first = "", middle = "", last = ""] = split;
  const detached = "payload_detached";
  const base64 = "base64url";
  return [
    check("three_parts", partsFault(text, split.length), "X-Signature has three parts."),
    split.length === 3
      ? check(detached, middle === "" ? undefined : payloadFault(reading, parts), "The payload is left out.")
      : unjudged(detached, "X-Signature does not have three parts"),
    split.length === 3
      ? check(base64, base64Fault("header", first) ?? base64Fault("signature", last), "Both parts are base64url.")
      : unjudged(base64, "X-Signature does not have three parts"),
    split.length === 2 || split.length === 3
      ? check("header_json", headerFault(reading), "The header is a JSON object.")
      : unjudged("header_json", "X-Signature does not have three parts"),
  ];
}

/** What `X-Signature` looks like. [docs] */
export const form = "{b64url header}..{b64url signature}";

function partsFault(text: string, count: number): string | undefined {
  if (count === 3) return undefined;
  if (text.trim() === "") return `X-Signature is empty: it must be ${form}.`;
  if (text.trimStart().startsWith("{")) {
    return `X-Signature is JSON, but must be a JWS in its compact form with the payload left out, ${form}.`;
  }
  if (count === 1) return `X-Signature has one part, but must have a header too: ${form}.`;
  if (count === 2)
    return `X-Signature has two parts, but must have three: put two dots between header and signature, ${form}.`;
  if (text.includes(","))
    return `X-Signature holds several signatures, but must be exactly one of three parts: ${form}.`;
  const encrypted = count === 5 ? ", as an encrypted JWE has" : "";
  return `X-Signature has ${count} parts${encrypted}, but must have three: ${form}.`;
}

/** Members that a JWT library puts into a payload. */
const claimNames = ["iss", "sub", "aud", "exp", "nbf", "iat", "jti"];

function payloadFault({ payload = Buffer.alloc(0), claims }: Reading, { body }: SignedParts): string {
  if (payload.equals(body)) {
    return "The payload stands between the two dots of X-Signature and is the body: just cut it out and keep both dots, {header}..{signature}.";
  }
  const found = claimNames.filter((name) => claims !== undefined && Object.hasOwn(claims, name));
  if (found.length > 0) {
    return `X-Signature is a whole JWT with the claims ${found.join(", ")} in its payload: put aud and exp into the protected header, sign the exact bytes of the body with a plain JWS function (jose: FlattenedSign instead of SignJWT) and leave the middle part empty.`;
  }
  const expected = body.length === 0 ? "the request has no body" : `the body has ${byteCount(body.length)}`;
  return `X-Signature carries a payload of ${byteCount(payload.length)} that is not the body (${expected}): sign the exact bytes of the body and leave the middle part empty.`;
}

function base64Fault(part: "header" | "signature", text: string): string | undefined {
  const named = `The ${part} in X-Signature`;
  if (text === "") return `${named} is empty: it must be base64url.`;
  const probe = part === "header" ? `${text}..AA` : `AA..${text}`;
  if (parseDetachedJws(probe) !== "not_base64url") return undefined;
  if (/^\s*Bearer\s/i.test(text)) return `X-Signature begins with "Bearer": send ${form} alone.`;
  if (/[+/]/.test(text)) {
    return `${named} is standard base64, but must be base64url: write "-" for "+" and "_" for "/", and no "=".`;
  }
  if (/^[\w-]+=+$/.test(text)) return `${named} ends in "=": base64url in a JWS has no padding, so cut it off.`;
  const [stray] = /[^\w-]/u.exec(text) ?? [];
  if (stray !== undefined) return `${named} holds ${quoted(stray)}, which does not belong to base64url.`;
  return `${named} is base64url of no whole number of bytes (${text.length} characters): it seems cut off.`;
}

function headerFault({ encodedHeader, header }: Reading): string | undefined {
  if (header !== undefined) return undefined;
  const text = Buffer.from(encodedHeader, "base64url").toString("utf8");
  const got = `The header in X-Signature decodes to ${quoted(text)}, which is not a JSON object`;
  if (text.startsWith("{'")) return `${got}: write it with double quotes, as json.dumps and not as str does.`;
  if (/^[\w-]{20,}$/.test(text)) return `${got}: it seems to be base64url twice.`;
  return `${got}: it must be base64url of one like {"alg":"ES256","kid":"...","aud":"...","exp":...}.`;
}
