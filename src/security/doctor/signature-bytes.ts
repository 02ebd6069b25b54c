import { createHash, createPublicKey, verify } from "node:crypto";
import { signingInput, verifyEs256, verifyHs256 } from "../jws.ts";
import type { SignedParts } from "../request-signature.ts";
import {
  byteCount,
  check,
  type DoctorCheck,
  type DoctorKnowledge,
  quoted,
  type Reading,
  unjudged,
} from "./lenient-parse.ts";
import { type WrongPayload, wrongPayloads } from "./payload-variants.ts";

/** At most so many verifications for one signature, fewer over large bodies. [ours] */
const verificationsMax = 2_000;
/** So many bytes cost as much time to hash as one verification takes. */
const bytesPerVerification = 8_192;
const otherKeysMax = 200;

type Credential = DoctorKnowledge["credentials"][number];

/** What the bytes of a signature reveal. */
export interface Examination {
  /** How r and s are written; `undefined` where there are none. */
  readonly encoding: "raw" | "der" | "hex" | "base64" | undefined;
  /** `undefined`: there is nothing to verify it with. */
  readonly fits: boolean | undefined;
  /** What to say where the bytes are an HMAC. */
  readonly hmac: string | undefined;
  /** Whose key fits, where the header names none or another. */
  readonly other: Credential | undefined;
  readonly wrongPayload: WrongPayload | undefined;
}

/** Looks at a signature's bytes, whatever the header's other members are like. */
export function examine(reading: Reading, parts: SignedParts, known: DoctorKnowledge): Examination {
  const { header, signature } = reading;
  const hmac = hmacFault(reading, parts, known);
  const found = pointsIn(signature);
  const nothing = { encoding: found?.encoding, fits: undefined, hmac, other: undefined, wrongPayload: undefined };
  if (header?.alg !== "ES256" || found === undefined) return nothing;
  const input = signingInput(reading.encodedHeader, parts.body);
  const fitting = ({ publicKey }: Credential) => verifyEs256(input, found.points, publicKey);
  const named = known.credentials.find(({ kid }) => kid === header.kid);
  if (named !== undefined && fitting(named)) return { ...nothing, fits: true };
  const other = known.credentials
    .slice(0, otherKeysMax)
    .find((credential) => credential !== named && fitting(credential));
  if (named === undefined) return { ...nothing, other };
  const wrongPayload = other === undefined ? search(reading, parts, known, found.points, named) : undefined;
  return { ...nothing, fits: false, other, wrongPayload };
}

function search(
  reading: Reading,
  parts: SignedParts,
  { nowMs, verificationsMax }: DoctorKnowledge,
  points: Buffer,
  { publicKey }: Credential,
): WrongPayload | undefined {
  const key = { key: createPublicKey(publicKey), dsaEncoding: "ieee-p1363" } as const;
  return firstFitting(
    wrongPayloads(reading, parts, nowMs),
    (input) => verify("sha256", input, key, points),
    verificationsMax,
  );
}

/** The first payload that fits, unless the work becomes too much before. */
export function firstFitting(
  payloads: Iterable<WrongPayload>,
  fits: (input: Uint8Array) => boolean,
  max = verificationsMax,
): WrongPayload | undefined {
  let left = max;
  for (const payload of payloads) {
    left -= 1 + Math.floor(payload.input.length / bytesPerVerification);
    if (left < 0) return undefined;
    if (fits(payload.input)) return payload;
  }
  return undefined;
}

/** Whether the signature is an HMAC under something that is no private key, and what to say then. */
function hmacFault(reading: Reading, { body }: SignedParts, known: DoctorKnowledge): string | undefined {
  if (reading.signature.length !== 32) return undefined;
  const payloads = [body, new Uint8Array(), ...(reading.payload === undefined ? [] : [reading.payload])];
  const inputs = payloads.map((payload) => signingInput(reading.encodedHeader, payload));
  const madeWith = (key: string) => inputs.some((input) => verifyHs256(input, reading.signature, key));
  const shared = known.hmacKeys.slice(0, otherKeysMax).find(({ key }) => madeWith(key));
  const mend = 'sign requests with your private key, as "ES256"';
  if (shared !== undefined) {
    return `the signature is an HMAC with the shared secret ${quoted(shared.kid)}, which is for verifying what the provider sends: ${mend}.`;
  }
  const published = known.credentials
    .slice(0, otherKeysMax)
    .find(({ publicKey }) => [publicKey, publicKey.trim(), publicKey.trim().replaceAll("\n", "\r\n")].some(madeWith));
  return published === undefined
    ? undefined
    : `the signature is an HMAC with the public key of kid ${quoted(published.kid)} as its secret, which anybody can make: ${mend}.`;
}

/** r and s side by side, out of whatever they were written in. */
function pointsIn(signature: Buffer): { points: Buffer; encoding: "raw" | "der" | "hex" | "base64" } | undefined {
  if (signature.length === 64) return { points: signature, encoding: "raw" };
  const der = fromDer(signature);
  if (der !== undefined) return { points: der, encoding: "der" };
  const text = signature.length <= 200 ? signature.toString("latin1") : "";
  if (/^[\da-f]{128,144}$/i.test(text)) {
    const inner = rawOrDer(Buffer.from(text, "hex"));
    return inner === undefined ? undefined : { points: inner, encoding: "hex" };
  }
  const inner = /^[\w+/-]{84,}={0,2}$/.test(text) ? rawOrDer(Buffer.from(text, "base64")) : undefined;
  return inner === undefined ? undefined : { points: inner, encoding: "base64" };
}

function rawOrDer(bytes: Buffer): Buffer | undefined {
  return bytes.length === 64 ? bytes : fromDer(bytes);
}

/** ASN.1: a sequence of two integers, each of at most 32 bytes without its sign. */
function fromDer(bytes: Buffer): Buffer | undefined {
  if (bytes[0] !== 0x30 || bytes[1] !== bytes.length - 2) return undefined;
  const rEnd = 4 + (bytes[3] ?? 0);
  const r = integerIn(bytes.subarray(2, rEnd));
  const s = integerIn(bytes.subarray(rEnd));
  return r === undefined || s === undefined ? undefined : Buffer.concat([r, s]);
}

function integerIn(bytes: Buffer): Buffer | undefined {
  if (bytes[0] !== 0x02 || bytes[1] !== bytes.length - 2 || bytes.length === 2) return undefined;
  const hex = bytes
    .subarray(2)
    .toString("hex")
    .replace(/^(?:00)+/, "");
  return hex.length <= 64 ? Buffer.from(hex.padStart(64, "0"), "hex") : undefined;
}

/** Judges the signature: 64 bytes that fit the exact body [docs] under the key of the header's kid. */
export function judgeBytes(
  reading: Reading,
  { body }: SignedParts,
  known: DoctorKnowledge,
  examination: Examination,
): DoctorCheck[] {
  const { fits } = examination;
  const fault = fitFault(reading, body, known, examination);
  return [
    reading.signature.length === 0
      ? unjudged("signature_length", "there is no signature to be read")
      : check("signature_length", lengthFault(reading.signature, examination), "The signature has 64 bytes."),
    fits === undefined
      ? unjudged("signature", whyUnjudged(reading, known))
      : check(
          "signature",
          fits ? undefined : fault,
          `The signature fits the body and the key of kid ${quoted(reading.header?.kid)}.`,
        ),
  ];
}

function whyUnjudged({ header }: Reading, { credentials }: DoctorKnowledge): string {
  if (header === undefined) return "the header could not be read";
  if (header.alg !== "ES256") return "alg must be ES256 first";
  return credentials.some(({ kid }) => kid === header.kid)
    ? "these bytes are no ES256 signature"
    : "the kid names no key here";
}

function lengthFault(signature: Buffer, { encoding, fits, hmac }: Examination): string | undefined {
  const { length } = signature;
  if (length === 64) return undefined;
  const got = `The signature has ${byteCount(length)}, but ES256 has 64, r and s side by side`;
  const rest = fits === true ? "only its encoding is wrong" : "its encoding is wrong";
  const node = 'Node: dsaEncoding "ieee-p1363"; Java: SHA256withECDSAinP1363Format';
  if (encoding === "der") return `${got}: it is DER, so ${rest}; ask your library for the raw form (${node}).`;
  if (encoding !== undefined)
    return `${got}: it is ${encoding} text, so ${rest}; encode the raw bytes once, as base64url.`;
  if (hmac !== undefined) return `${got}: ${hmac}`;
  if (length === 32) return `${got}: 32 bytes is an HMAC, so sign with your private key instead of a shared secret.`;
  if (length === 96 || length === 132)
    return `${got}: ${length} bytes is a signature on another curve, so take a key on P-256.`;
  if (length >= 256) return `${got}: it may be an RSA signature, so take an EC key on P-256.`;
  return `${got}: it is cut off or not a signature by ES256.`;
}

function fitFault(
  { header }: Reading,
  body: Uint8Array,
  known: DoctorKnowledge,
  { other, wrongPayload }: Examination,
): string {
  const named = known.credentials.find(({ kid }) => kid === header?.kid);
  const kid = quoted(header?.kid);
  if (other !== undefined) {
    const whose = other.merchantId === named?.merchantId ? "another key of yours" : "another merchant's key";
    return `The signature does not fit kid ${kid} that the header names, but kid ${quoted(other.kid)}, ${whose}: make key and kid belong together.`;
  }
  if (wrongPayload !== undefined) {
    return `The signature does not fit, for it was made over ${wrongPayload.what}: ${wrongPayload.mend}.`;
  }
  const hash = createHash("sha256").update(body).digest("hex").slice(0, 16);
  const received =
    body.length === 0 ? "no body" : `a body of ${byteCount(body.length)} whose SHA-256 begins with ${hash}`;
  return `The signature does not fit: here arrived ${received}, so compare that with what you signed, and your private key with the public key of kid ${kid}.`;
}
