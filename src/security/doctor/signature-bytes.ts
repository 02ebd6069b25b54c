import { createHash, createPublicKey, verify } from "node:crypto";
import { signingInput, verifyEs256, verifyHs256 } from "../jws.ts";
import type { SignedParts } from "../request-signature.ts";
import { byteCount, checkOf, type DoctorCheck, type DoctorKnowledge, notChecked, quoted } from "./check.ts";
import type { ParsedSignature } from "./lenient-parse.ts";
import { type WrongPayload, wrongPayloads } from "./payload-variants.ts";
import { type DecodedSignature, decodeSignature, encodingFault, hexFault } from "./signature-encoding.ts";

/** Maximum verifications for one signature; fewer for large bodies. [ours] */
const verificationsMax = 2_000;
/** Bytes whose hash costs as much time as one verification. */
const bytesPerVerification = 8_192;
/** Maximum keys that are tried besides the one that the header names. */
const otherKeysMax = 200;

type Credential = DoctorKnowledge["credentials"][number];

/** What the bytes of a signature reveal. */
export interface SignatureAnalysis {
  /** `undefined`: the bytes are no ES256 signature. */
  readonly decoded: DecodedSignature | undefined;
  /** Whether the signature matches the body and the named key; `undefined`: no key can verify it. */
  readonly isMatch: boolean | undefined;
  /** Explanation, if the signature is an HMAC. */
  readonly hmacFault: string | undefined;
  /** The credential whose key matches, if the header does not name it. */
  readonly otherCredential: Credential | undefined;
  readonly wrongPayload: WrongPayload | undefined;
  /** Whether the search for the key and the bytes was skipped. */
  readonly isSearchSkipped: boolean;
}

/** Analyses a signature's bytes, whether or not the header's other members are right. */
export function analyseSignature(
  parsed: ParsedSignature,
  request: SignedParts,
  known: DoctorKnowledge,
): SignatureAnalysis {
  const { header, encodedSignature, signature } = parsed;
  const decoded = decodeSignature(encodedSignature, signature);
  const base: SignatureAnalysis = {
    decoded,
    isMatch: undefined,
    hmacFault: hmacFaultOf(parsed, request, known),
    otherCredential: undefined,
    wrongPayload: undefined,
    isSearchSkipped: false,
  };
  if (header?.alg !== "ES256" || decoded === undefined) return base;
  const input = signingInput(parsed.encodedHeader, request.body);
  const matches = ({ publicKey }: Credential) => verifyEs256(input, decoded.raw, publicKey);
  const named = known.credentials.find(({ kid }) => kid === header.kid);
  if (named !== undefined && matches(named)) return { ...base, isMatch: true };
  if (known.verificationsMax === 0) {
    return { ...base, isMatch: named === undefined ? undefined : false, isSearchSkipped: true };
  }
  const others = known.credentials.slice(0, otherKeysMax).filter((credential) => credential !== named);
  known.onVerified?.(others.length);
  const otherCredential = others.find(matches);
  if (named === undefined) return { ...base, otherCredential };
  const wrongPayload =
    otherCredential === undefined ? findWrongPayload(parsed, request, known, decoded.raw, named) : undefined;
  return { ...base, isMatch: false, otherCredential, wrongPayload };
}

function findWrongPayload(
  parsed: ParsedSignature,
  request: SignedParts,
  { nowMs, verificationsMax, onVerified }: DoctorKnowledge,
  signature: Buffer,
  { publicKey }: Credential,
): WrongPayload | undefined {
  const key = { key: createPublicKey(publicKey), dsaEncoding: "ieee-p1363" } as const;
  return firstMatch(
    wrongPayloads(parsed, request, nowMs),
    (input) => verify("sha256", input, key, signature),
    verificationsMax,
    onVerified,
  );
}

/**
 * The first payload that matches, or `undefined` after `max` verifications; a large payload counts as several.
 * @param onVerified receives the number of verifications for each payload.
 */
export function firstMatch(
  payloads: Iterable<WrongPayload>,
  matches: (input: Uint8Array) => boolean,
  max = verificationsMax,
  onVerified: (verifications: number) => void = () => undefined,
): WrongPayload | undefined {
  let left = max;
  for (const payload of payloads) {
    const cost = 1 + Math.floor(payload.input.length / bytesPerVerification);
    left -= cost;
    if (left < 0) return undefined;
    onVerified(cost);
    if (matches(payload.input)) return payload;
  }
  return undefined;
}

/** Explains a signature that is an HMAC with a key that is not secret to the merchant. */
function hmacFaultOf(parsed: ParsedSignature, { body }: SignedParts, known: DoctorKnowledge): string | undefined {
  if (parsed.signature.length !== 32) return undefined;
  const payloads = [body, new Uint8Array(), ...(parsed.payload === undefined ? [] : [parsed.payload])];
  const inputs = payloads.map((payload) => signingInput(parsed.encodedHeader, payload));
  const isMadeWith = (key: string) => inputs.some((input) => verifyHs256(input, parsed.signature, key));
  const shared = known.hmacKeys.slice(0, otherKeysMax).find(({ key }) => isMadeWith(key));
  const remedy = 'sign requests with your private key, as "ES256"';
  if (shared !== undefined) {
    const secret = `the shared secret ${quoted(shared.kid)}`;
    return `the signature is an HMAC with ${secret}, which is only for signatures of the provider: ${remedy}.`;
  }
  const published = known.credentials
    .slice(0, otherKeysMax)
    .find(({ publicKey }) => [publicKey, publicKey.trim(), publicKey.trim().replaceAll("\n", "\r\n")].some(isMadeWith));
  return published === undefined
    ? undefined
    : `the signature is an HMAC with the public key ${quoted(published.kid)}, which is no secret: ${remedy}.`;
}

/** Checks the signature: 64 bytes that match the exact body [plugin] and the key that the header names. */
export function checkSignature(
  parsed: ParsedSignature,
  { body }: SignedParts,
  known: DoctorKnowledge,
  analysis: SignatureAnalysis,
): DoctorCheck[] {
  const { isMatch } = analysis;
  const { encodedSignature, signature, header } = parsed;
  const isHex = hexFault(encodedSignature) !== undefined;
  return [
    signature.length === 0 || isHex
      ? notChecked("signature_length", isHex ? "the signature is not base64url" : "there is no signature")
      : checkOf("signature_length", lengthFault(signature, analysis), "The signature has 64 bytes."),
    isMatch === undefined
      ? notChecked("signature", reasonNotChecked(parsed, known))
      : checkOf(
          "signature",
          isMatch ? undefined : matchFault(parsed, body, known, analysis),
          `The signature matches the body and the key ${quoted(header?.kid)}.`,
        ),
  ];
}

function reasonNotChecked({ header }: ParsedSignature, { credentials }: DoctorKnowledge): string {
  if (header === undefined) return "the header cannot be read";
  if (header.alg !== "ES256") return "alg must be ES256 first";
  return credentials.some(({ kid }) => kid === header.kid)
    ? "the bytes are no ES256 signature"
    : "kid does not name a registered key";
}

function lengthFault(signature: Buffer, { decoded, isMatch, hmacFault }: SignatureAnalysis): string | undefined {
  const { length } = signature;
  if (length === 64) return undefined;
  const problem = `The signature has ${byteCount(length)} instead of 64 (r and s, 32 bytes each)`;
  const encoding = decoded && encodingFault(decoded);
  if (encoding !== undefined) {
    const wrong = isMatch === true ? "only its encoding is wrong" : "its encoding is wrong";
    return `${problem}: it is ${encoding.what}, so ${wrong}; ${encoding.remedy}.`;
  }
  if (hmacFault !== undefined) return `${problem}: ${hmacFault}`;
  if (length === 32) return `${problem}: 32 bytes are an HMAC; sign with your private key instead of a shared secret.`;
  if (length === 96 || length === 132) {
    return `${problem}: ${length} bytes are a signature on another curve; use a key on P-256.`;
  }
  if (length >= 256) return `${problem}: it may be an RSA signature; use an EC key on P-256.`;
  return `${problem}: it is cut off, or not an ES256 signature.`;
}

function matchFault(
  { header }: ParsedSignature,
  body: Uint8Array,
  known: DoctorKnowledge,
  { otherCredential, wrongPayload }: SignatureAnalysis,
): string {
  const named = known.credentials.find(({ kid }) => kid === header?.kid);
  const key = quoted(header?.kid);
  if (otherCredential !== undefined) {
    const owner = otherCredential.merchantId === named?.merchantId ? "another key of yours" : "another merchant's key";
    return (
      `The signature does not match the key ${key} that kid names, but ${quoted(otherCredential.kid)}, ${owner}: ` +
      "use the private key and the kid of the same key pair."
    );
  }
  if (wrongPayload !== undefined) {
    const { description, remedy } = wrongPayload;
    return `The signature does not match, because it was made over ${description}: ${remedy}.`;
  }
  const keys = `your private key with the public key ${key}`;
  if (body.length === 0) {
    const remedy = `sign the empty string, and if you do already, compare ${keys}`;
    return `The signature does not match: the sandbox received no body, so ${remedy}.`;
  }
  const hash = createHash("sha256").update(body).digest("hex").slice(0, 16);
  const received = `a body of ${byteCount(body.length)} whose SHA-256 begins with ${hash}`;
  const remedy = `compare that with what you signed, and ${keys}`;
  return `The signature does not match: the sandbox received ${received}, so ${remedy}.`;
}
