import { createHmac } from "node:crypto";
import { type DetachedJws, signingInput } from "../../jws.ts";
import { reserialised } from "../json-variants.ts";

/** A mistake of a program that verifies, and the signature that the program computes with it. */
export interface ProgramMistake {
  /** Completes "Your program": what it does, and what to do instead. */
  readonly cause: string;
  readonly signature: Buffer;
}

/** What a right program computes a signature from. */
export interface RightInput extends Pick<DetachedJws, "encodedHeader" | "header"> {
  readonly body: Uint8Array;
  readonly key: string;
}

/** Maximum size of a body for which two mistakes at once are tried, in bytes. */
const doubleBodyMax = 64 * 1024;

/** What a program takes in place of the key or of the signed bytes. */
interface Replacement {
  readonly bytes: Uint8Array;
  readonly cause: string;
}

/** Maximum number of mistakes of each kind that a diagnosis lists. */
const listedMax = 4;

/** The likeliest mistakes with the key and with the signed bytes. */
export function likelyMistakes(right: RightInput): ProgramMistake[] {
  return [...[...keyMistakes(right)].slice(0, listedMax), ...[...inputMistakes(right)].slice(0, listedMax)];
}

/** The mistake with which a program computes one of these signatures; `undefined` if it is an unusual one. */
export function findMistake(right: RightInput, computed: readonly Uint8Array[]): ProgramMistake | undefined {
  for (const mistakes of [keyMistakes, inputMistakes, hashMistakes, doubleMistakes]) {
    for (const mistake of mistakes(right)) {
      if (computed.some((bytes) => mistake.signature.equals(bytes))) return mistake;
    }
  }
  return undefined;
}

function* keyMistakes(right: RightInput): Generator<ProgramMistake> {
  for (const { bytes, cause } of wrongKeys(right)) yield { cause, signature: hmac(rightInputOf(right), bytes) };
}

function* inputMistakes(right: RightInput): Generator<ProgramMistake> {
  for (const { bytes, cause } of wrongInputs(right)) yield { cause, signature: hmac(bytes, rightKeyOf(right)) };
}

function* hashMistakes(right: RightInput): Generator<ProgramMistake> {
  for (const hash of ["sha512", "sha384", "sha1"]) {
    const signature = hmac(rightInputOf(right), rightKeyOf(right), hash);
    yield { cause: `hashes with ${hash}: use SHA-256`, signature };
  }
}

function* doubleMistakes(right: RightInput): Generator<ProgramMistake> {
  if (right.body.length > doubleBodyMax) return;
  const inputs = [...wrongInputs(right)];
  for (const key of wrongKeys(right)) {
    for (const { bytes, cause } of inputs) {
      yield { cause: `${key.cause}. It also ${cause}`, signature: hmac(bytes, key.bytes) };
    }
  }
}

function rightInputOf({ encodedHeader, body }: RightInput): Uint8Array {
  return signingInput(encodedHeader, body);
}

function rightKeyOf({ key }: RightInput): Uint8Array {
  return Buffer.from(key, "utf8");
}

function hmac(input: Uint8Array, key: Uint8Array, hash = "sha256"): Buffer {
  return createHmac(hash, key).update(input).digest();
}

function* wrongKeys({ key, header: { kid } }: RightInput): Generator<Replacement> {
  const text = (given: string, cause: string): Replacement => ({ bytes: Buffer.from(given, "utf8"), cause });
  const takeText = "take the UTF-8 bytes of its text";
  if (/^[\w+/-]+=*$/.test(key)) {
    const decoded = Buffer.from(key, "base64url");
    yield { bytes: decoded, cause: `decodes the key from base64url: ${takeText}` };
    yield text(decoded.toString("utf8"), `decodes the key from base64url to a text: ${takeText}`);
  }
  if (/^[\da-f]+$/i.test(key)) yield { bytes: Buffer.from(key, "hex"), cause: `decodes the key from hex: ${takeText}` };
  yield text(`${key}\n`, "reads the key with a newline at its end: remove it");
  yield text(`${key}\r\n`, "reads the key with CR LF at its end: remove them");
  yield text(`"${key}"`, "reads the key with the quotation marks around it: remove them");
  yield text(Buffer.from(key).toString("base64"), `encodes the key as base64: ${takeText}`);
  yield text(Buffer.from(key).toString("hex"), `encodes the key as hex: ${takeText}`);
  if (typeof kid === "string") yield text(kid, "takes the kid for the key: take the shared secret that it names");
  yield text("", "has an empty key: read the shared secret from your configuration");
  yield text("undefined", 'has the text "undefined" as key: read the shared secret from your configuration');
}

function* wrongInputs({ encodedHeader, header, body }: RightInput): Generator<Replacement> {
  const raw = Buffer.from(body);
  const text = raw.toString("utf8");
  const bytes = (...all: readonly (string | Uint8Array)[]) => Buffer.concat(all.map((part) => Buffer.from(part)));
  const over = (payload: string | Uint8Array, what: string, remedy: string): Replacement => {
    return { bytes: signingInput(encodedHeader, payload), cause: `takes ${what} for the body: ${remedy}` };
  };
  const form = 'the signed bytes are "{b64url header}.{b64url body}"';
  const rawBody = "take the bytes of the body before a parser reads them";
  const rewritten = [...reserialised(text)].map(([variant, what]) => over(variant, what, rawBody));
  yield* rewritten.slice(0, 1);
  yield { bytes: bytes(encodedHeader, ".", raw), cause: `does not encode the body: ${form}` };
  yield { bytes: raw, cause: `signs the body without the header: ${form}` };
  yield { bytes: bytes(raw.toString("base64url")), cause: `signs the encoded body without the header: ${form}` };
  yield { bytes: bytes(encodedHeader, "."), cause: `has no body: ${rawBody}` };
  yield { bytes: bytes(encodedHeader, ".."), cause: `signs "{b64url header}.." without the body: ${form}` };
  yield { bytes: bytes(encodedHeader), cause: `signs the header without the body: ${form}` };
  yield {
    bytes: bytes(encodedHeader, "..", raw.toString("base64url")),
    cause: `has two dots before the body: ${form}`,
  };
  const padded = raw.toString("base64");
  yield { bytes: bytes(encodedHeader, ".", padded), cause: `encodes the body as base64: ${form}` };
  const withPadding = padded.replaceAll("+", "-").replaceAll("/", "_");
  yield { bytes: bytes(encodedHeader, ".", withPadding), cause: `leaves "=" at the end of the encoded body: ${form}` };
  const headerText = Buffer.from(encodedHeader, "base64url").toString("utf8");
  yield { bytes: bytes(headerText, ".", raw), cause: `encodes neither header nor body: ${form}` };
  for (const own of ownHeaders(header).filter((text) => text !== headerText)) {
    const encoded = Buffer.from(own).toString("base64url");
    const cause = `makes a header of its own, ${own}: take the part of X-Signature before the two dots`;
    yield { bytes: signingInput(encoded, body), cause };
  }
  yield over(raw.toString("base64url"), "the body encoded as base64url", "encode it once");
  yield over(`${text}\n`, "the body with a newline at its end", rawBody);
  yield over(text.trimEnd(), "the body without the white space at its end", rawBody);
  yield over(raw.toString("latin1"), "the body decoded as Latin-1", rawBody);
  yield over(Buffer.from(text, "latin1"), "the body encoded as Latin-1", rawBody);
  for (const empty of ["{}", "[object Object]", "undefined", "null"]) {
    yield over(empty, `the text ${JSON.stringify(empty)}`, rawBody);
  }
  yield over(JSON.stringify(text), "the body as a JSON string", rawBody);
  yield* rewritten.slice(1);
}

/** Headers that JWT libraries write in place of the one in `X-Signature`. */
function ownHeaders({ kid, exp, aud }: RightInput["header"]): string[] {
  const [alg, typ] = ["HS256", "JWT"];
  const headers = [
    { alg, typ },
    { typ, alg },
    { alg },
    { alg, kid },
    { alg, typ, kid },
    { alg, kid, exp },
    { alg, typ, kid, aud, exp },
    { alg, typ, kid, exp, aud },
  ];
  return [...new Set(headers.map((own) => JSON.stringify(own)))];
}

/** The bytes that a text may stand for: base64url, base64 or hex, of a signature or of a text of it. */
export function readComputed(computed: string): { readonly bytes: Buffer; readonly encoding: string }[] {
  const text = computed.trim().split(".").at(-1) ?? "";
  const bytes = Buffer.from(text, "base64url");
  const inner = bytes.toString("latin1");
  const encoding = bytes.toString("base64url") === text ? "base64url" : "base64";
  return [
    ...(/^[\da-f]{64}$/i.test(text) ? [{ bytes: Buffer.from(text, "hex"), encoding: "hex" }] : []),
    { bytes, encoding },
    ...(/^[\da-f]{64}$/i.test(inner) ? [{ bytes: Buffer.from(inner, "hex"), encoding: "the base64 of hex" }] : []),
  ];
}
