import { createHash } from "node:crypto";
import { signingInput } from "../jws.ts";
import { requestAudience, type SignedParts } from "../request-signature.ts";
import { jsonObject, reserialised, withClaims } from "./json-variants.ts";
import { byteCount, type Reading } from "./lenient-parse.ts";

/** What somebody may have signed in place of the right bytes. */
export interface WrongPayload {
  /** Completes "It was made over". */
  readonly what: string;
  /** How to mend it. */
  readonly mend: string;
  /** The bytes under the signature. */
  readonly input: Uint8Array;
  /** Members that a JWT library added to the body. */
  readonly added: readonly string[];
}

const signBody = "sign the exact bytes of the body";
const signNothing = "a request without a body is signed over the empty string";
const signOnce = "serialise the body once, then sign and send these same bytes";
const plainJws = "a plain JWS function (jose: FlattenedSign, not SignJWT; jsonwebtoken: pass the body as text)";

/** The usual mistakes, the likelier ones first. There are a few thousand: who tries them bounds the work. */
export function* wrongPayloads(reading: Reading, parts: SignedParts, nowMs: number): Generator<WrongPayload> {
  yield* parts.body.length === 0 ? insteadOfNothing(reading, parts) : insteadOfBody(reading, parts);
  yield* besidesPayload(reading, parts);
  yield* withJwtClaims(reading, parts, nowMs);
}

function over(reading: Reading, payload: string | Uint8Array, what: string, mend: string): WrongPayload {
  return { what, mend, input: signingInput(reading.encodedHeader, Buffer.from(payload)), added: [] };
}

function* insteadOfNothing(reading: Reading, parts: SignedParts): Generator<WrongPayload> {
  if (reading.payload !== undefined) {
    yield over(reading, reading.payload, "the payload inside X-Signature, but the request has no body", signNothing);
  }
  if (parts.ignoredBody !== undefined) {
    yield over(reading, parts.ignoredBody, "the body that came with it, but a GET has none that counts", signNothing);
  }
  for (const text of ["{}", "null", "undefined", '""', "[]", "\n", " ", parts.target, requestAudience(parts)]) {
    yield over(reading, text, `the payload ${JSON.stringify(text)}, but the request has no body`, signNothing);
  }
}

function* insteadOfBody(reading: Reading, { method, target, body }: SignedParts): Generator<WrongPayload> {
  const bodiless = method === "GET" || method === "HEAD";
  const mend = bodiless ? `send no body with a ${method}` : signBody;
  if (reading.payload !== undefined) yield over(reading, reading.payload, "the payload inside X-Signature", signBody);
  yield over(reading, "", `the empty string, but the request has a body of ${byteCount(body.length)}`, mend);
  const encoded = Buffer.from(body).toString("base64url");
  const once = "hand over the raw bytes, for the library does the base64url itself";
  yield over(reading, encoded, "the body in base64url twice", once);
  yield over(reading, Buffer.from(body).toString("base64"), "the body in base64 and then base64url", once);
  yield over(reading, sha256(body), "the SHA-256 of the body", signBody);
  yield over(reading, sha256(body).toString("hex"), "the SHA-256 of the body in hex", signBody);
  for (const text of [target, requestAudience({ method, target })]) {
    yield over(reading, text, `the payload ${JSON.stringify(text.slice(0, 100))}`, signBody);
  }
  const text = textOf(body);
  if (text === undefined) return;
  const sent = "sign and send the same bytes";
  yield over(reading, `${text}\n`, "the body with a newline added at its end", sent);
  yield over(reading, `${text}\r\n`, "the body with CR and LF added at its end", sent);
  yield over(reading, text.replace(/^\ufeff/, ""), "the body without its byte order mark", sent);
  yield over(reading, text.trimEnd(), "the body without the newline or blanks at its end", sent);
  yield over(reading, text.trim(), "the body without the white space around it", sent);
  yield over(reading, text.replaceAll("\r\n", "\n"), "the body with LF for CR LF", sent);
  yield over(reading, text.replace(/\r?\n/g, "\r\n"), "the body with CR LF for LF", sent);
  const literal = "hand over the JSON text itself, without a second JSON.stringify";
  yield over(reading, JSON.stringify(text), "the body as a JSON string literal (serialised twice)", literal);
  for (const [form, what] of reserialised(text)) yield over(reading, form, what, signOnce);
}

/** What was signed is no `{b64url header}.{b64url payload}` at all. */
function* besidesPayload({ encodedHeader }: Reading, { body }: SignedParts): Generator<WrongPayload> {
  const whole = 'sign "{b64url header}.{b64url body}"';
  const raw = Buffer.from(body);
  const bytes = (...all: readonly (string | Uint8Array)[]) => Buffer.concat(all.map((part) => Buffer.from(part)));
  const as = (input: Uint8Array, what: string, mend = whole): WrongPayload => ({ what, mend, input, added: [] });
  yield as(bytes(encodedHeader, ".", raw), "the unencoded body (as b64=false does), not its base64url");
  yield as(bytes(encodedHeader, ".", raw.toString("base64")), "standard base64 of the body, not its base64url");
  yield as(bytes(Buffer.from(encodedHeader, "base64url"), ".", raw), "header and body unencoded, not their base64url");
  yield as(raw, "the body alone, without the header in front");
  yield as(bytes(raw.toString("base64url")), "the base64url of the body alone, without the header in front");
  yield as(bytes(encodedHeader), "the header alone, without the body");
  yield as(bytes(encodedHeader, ".."), "the header with two dots, without the body");
  const hashed = sha256(signingInput(encodedHeader, body));
  yield as(hashed, "the SHA-256 of the right bytes", "do not hash before signing, for ES256 hashes by itself");
  yield as(bytes(hashed.toString("hex")), "the SHA-256 of the right bytes in hex", "do not hash before signing");
}

function* withJwtClaims(reading: Reading, parts: SignedParts, nowMs: number): Generator<WrongPayload> {
  const bodiless = parts.body.length === 0;
  const body = bodiless ? {} : jsonObject(textOf(parts.body) ?? "");
  if (body === undefined) return;
  const exp = typeof reading.header?.exp === "number" ? reading.header.exp : undefined;
  for (const { form, added } of withClaims(body, Math.floor(nowMs / 1000), exp, requestAudience(parts))) {
    const what = `${bodiless ? "{}" : "the body"} with ${added.join(" and ")} added by a JWT library`;
    const mend = `${bodiless ? "sign the empty string" : signBody} with ${plainJws}`;
    yield { ...over(reading, form, what, mend), added };
  }
}

function sha256(bytes: Uint8Array): Buffer {
  return createHash("sha256").update(bytes).digest();
}

function textOf(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
