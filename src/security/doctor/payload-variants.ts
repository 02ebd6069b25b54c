import { createHash } from "node:crypto";
import { signingInput } from "../jws.ts";
import { requestAudience, type SignedParts } from "../request-signature.ts";
import { byteCount, signedContent } from "./check.ts";
import { decompressed } from "./decompress.ts";
import { parseJsonObject, reserialised, serialisedTwice, withClaims } from "./json-variants.ts";
import type { ParsedSignature } from "./lenient-parse.ts";
import { reencoded, textOf } from "./text-encodings.ts";

/** Bytes that may have been signed in place of the right ones. */
export interface WrongPayload {
  /** Completes "The signature was made over". */
  readonly description: string;
  /** What to change. */
  readonly remedy: string;
  /** The input of the signature. */
  readonly input: Uint8Array;
  /** The payload in the input; absent if the input has another form. */
  readonly payload?: Uint8Array;
  /** Claims that a JWT library added to the body. */
  readonly addedClaims: readonly string[];
}

const signBody = "sign the exact bytes of the body";
const signNothing = "sign the empty string for a request without body";
const signOnce = "serialise the body once, then sign and send these same bytes";

/** The usual mistakes, likely ones first. There are a few thousand, so the caller must limit how many it tries. */
export function* wrongPayloads(parsed: ParsedSignature, request: SignedParts, nowMs: number): Generator<WrongPayload> {
  yield* request.body.length === 0 ? insteadOfEmptyBody(parsed, request) : insteadOfBody(parsed, request);
  yield* wrongInputs(parsed, request);
  yield* withJwtClaims(parsed, request, nowMs);
}

function over(
  { encodedHeader }: ParsedSignature,
  payload: string | Uint8Array,
  description: string,
  remedy: string,
): WrongPayload {
  const bytes = Buffer.from(payload);
  return { description, remedy, input: signingInput(encodedHeader, bytes), payload: bytes, addedClaims: [] };
}

function* insteadOfEmptyBody(parsed: ParsedSignature, request: SignedParts): Generator<WrongPayload> {
  if (parsed.payload !== undefined) {
    yield over(parsed, parsed.payload, "the payload inside X-Signature, but the request has no body", signNothing);
  }
  if (request.ignoredBody !== undefined) {
    yield over(parsed, request.ignoredBody, "the body of the GET, which is ignored", signNothing);
  }
  for (const text of ["{}", "null", "undefined", '""', "[]", "\n", " ", request.target, requestAudience(request)]) {
    yield over(parsed, text, `the payload ${JSON.stringify(text)}, but the request has no body`, signNothing);
  }
}

function* insteadOfBody(parsed: ParsedSignature, { method, target, body }: SignedParts): Generator<WrongPayload> {
  const bodiless = method === "GET" || method === "HEAD";
  const remedy = bodiless ? `send no body with a ${method}` : signBody;
  if (parsed.payload !== undefined) yield over(parsed, parsed.payload, "the payload inside X-Signature", signBody);
  yield over(parsed, "", `the empty string, but the request has a body of ${byteCount(body.length)}`, remedy);
  const uncompressed = decompressed(body);
  if (uncompressed !== undefined) {
    yield over(parsed, uncompressed, "the body before its compression", "send the same bytes, without compression");
  }
  const encoded = Buffer.from(body).toString("base64url");
  const rawBytes = "pass the raw bytes, because the library encodes them as base64url itself";
  yield over(parsed, encoded, "the body encoded as base64url twice", rawBytes);
  yield over(parsed, Buffer.from(body).toString("base64"), "the body encoded as base64 and then base64url", rawBytes);
  yield over(parsed, sha256(body), "the SHA-256 of the body", signBody);
  yield over(parsed, sha256(body).toString("hex"), "the SHA-256 of the body in hex", signBody);
  for (const text of [target, requestAudience({ method, target })]) {
    yield over(parsed, text, `the payload ${JSON.stringify(text.slice(0, 100))}`, signBody);
  }
  const asUtf8 = "encode the text as UTF-8 once, then sign and send these same bytes";
  const asOnce = "normalise the text once, before you serialise it, then sign and send the same bytes";
  for (const [bytes, description] of reencoded(body)) {
    yield over(parsed, bytes, description, description.includes("Unicode form") ? asOnce : asUtf8);
  }
  const text = textOf(body);
  if (text === undefined) return;
  const sameBytes = "sign and send the same bytes";
  yield over(parsed, `${text}\n`, "the body with a newline added at the end", sameBytes);
  yield over(parsed, `${text}\r\n`, "the body with CR LF added at the end", sameBytes);
  yield over(parsed, text.replace(/^\ufeff/, ""), "the body without its byte order mark", sameBytes);
  yield over(parsed, text.trimEnd(), "the body without the white space at the end", sameBytes);
  yield over(parsed, text.trim(), "the body without the surrounding white space", sameBytes);
  yield over(parsed, text.replaceAll("\r\n", "\n"), "the body with LF in place of CR LF", sameBytes);
  yield over(parsed, text.replace(/\r?\n/g, "\r\n"), "the body with CR LF in place of LF", sameBytes);
  const jsonText = "pass the JSON text itself, without a second JSON.stringify or json_encode";
  for (const [variant, description] of serialisedTwice(text)) yield over(parsed, variant, description, jsonText);
  for (const [variant, description] of reserialised(text)) yield over(parsed, variant, description, signOnce);
}

/** Signed bytes that do not have the form `{b64url header}.{b64url payload}`. */
function* wrongInputs({ encodedHeader }: ParsedSignature, { body }: SignedParts): Generator<WrongPayload> {
  const isEmpty = body.length === 0;
  const rightInput = isEmpty
    ? `${signNothing}: the input is "{b64url header}."`
    : 'sign "{b64url header}.{b64url body}"';
  const raw = Buffer.from(body);
  const header = Buffer.from(encodedHeader, "base64url");
  const bytes = (...all: readonly (string | Uint8Array)[]) => Buffer.concat(all.map((part) => Buffer.from(part)));
  const as = (input: Uint8Array, description: string, remedy = rightInput): WrongPayload => {
    return { description, remedy, input, addedClaims: [] };
  };
  if (isEmpty) {
    yield as(bytes(encodedHeader), "the header alone, without the dot after it");
    yield as(bytes(header, "."), "the header unencoded instead of as base64url");
    yield as(raw, "nothing, also without the header");
  } else {
    yield as(bytes(encodedHeader, ".", raw), "the unencoded body (as with b64=false) instead of its base64url");
    yield as(bytes(encodedHeader, ".", raw.toString("base64")), "standard base64 of the body instead of base64url");
    yield as(bytes(header, ".", raw), "header and body unencoded instead of as base64url");
    yield as(raw, "the body alone, without the header");
    yield as(bytes(raw.toString("base64url")), "the base64url of the body alone, without the header");
    yield as(bytes(encodedHeader), "the header alone, without the body");
  }
  yield as(bytes(encodedHeader, ".."), `the header with two dots${isEmpty ? "" : ", without the body"}`);
  const hashed = sha256(signingInput(encodedHeader, body));
  yield as(hashed, "the SHA-256 of the right bytes", "do not hash before signing, because ES256 includes the hash");
  yield as(bytes(hashed.toString("hex")), "the SHA-256 of the right bytes in hex", "do not hash before signing");
}

function* withJwtClaims(parsed: ParsedSignature, request: SignedParts, nowMs: number): Generator<WrongPayload> {
  const bodiless = request.body.length === 0;
  const body = bodiless ? {} : parseJsonObject(textOf(request.body) ?? "");
  if (body === undefined) return;
  const exp = typeof parsed.header?.exp === "number" ? parsed.header.exp : undefined;
  for (const { text, addedClaims } of withClaims(body, Math.floor(nowMs / 1000), exp, requestAudience(request))) {
    const description = `${bodiless ? "{}" : "the body"} with ${addedClaims.join(" and ")} added by a JWT library`;
    const payload = bodiless ? "an empty text" : "the body as text";
    const libraries = `jose: FlattenedSign, not SignJWT; jsonwebtoken: pass ${payload}`;
    const remedy = `sign ${signedContent(request)} with a plain JWS function (${libraries})`;
    yield { ...over(parsed, text, description, remedy), addedClaims };
  }
}

function sha256(bytes: Uint8Array): Buffer {
  return createHash("sha256").update(bytes).digest();
}
