/** The bytes r and s of an ES256 signature, and how they were encoded. */
export interface DecodedSignature {
  /** r and s, 32 bytes each. */
  readonly raw: Buffer;
  readonly isDer: boolean;
  /** The text that was encoded in place of bytes. */
  readonly text?: "hex" | "base64";
}

/** How to get r and s from a library. */
const rawForm =
  'let your library write the raw form (Node: dsaEncoding "ieee-p1363"; Java: SHA256withECDSAinP1363Format)';

/**
 * Decodes r and s from DER, hex or base64.
 * @param encoded the last part of `X-Signature`, as sent.
 * @param signature the bytes of this part.
 */
export function decodeSignature(encoded: string, signature: Buffer): DecodedSignature | undefined {
  const bytes = fromHex(encoded) ?? rawOrDer(signature);
  if (bytes !== undefined || signature.length > 300) return bytes;
  const text = signature.toString("latin1");
  const hex = fromHex(text);
  if (hex !== undefined) return hex;
  const inner = /^[\w+/-]{84,}={0,2}$/.test(text) ? rawOrDer(Buffer.from(text, "base64")) : undefined;
  return inner && { ...inner, text: "base64" };
}

/** What is wrong with a signature that is hex in place of base64url. */
export function hexFault(encoded: string): string | undefined {
  const decoded = fromHex(encoded);
  if (decoded === undefined) return undefined;
  return decoded.isDer
    ? `is the hex of DER: ${rawForm}, and write its 64 bytes as base64url`
    : "is the hex of r and s: write these 64 bytes as base64url instead";
}

/** What is wrong with the encoding of r and s; `undefined` if nothing is. */
export function encodingFault({ isDer, text }: DecodedSignature): { what: string; remedy: string } | undefined {
  const once = "encode the raw bytes once, as base64url";
  if (text === undefined) return isDer ? { what: "DER", remedy: rawForm } : undefined;
  return isDer
    ? { what: `${text} text of DER`, remedy: `${rawForm}, and ${once}` }
    : { what: `${text} text`, remedy: once };
}

/** Decodes hex of r and s or of DER, also with `0x` in front or colons between the bytes. */
function fromHex(text: string): DecodedSignature | undefined {
  const digits = text.replace(/^0x|[: ]/gi, "");
  if (digits.length > 144 || digits.length % 2 !== 0 || !/^[\da-f]+$/i.test(digits)) return undefined;
  const inner = rawOrDer(Buffer.from(digits, "hex"));
  return inner && { ...inner, text: "hex" };
}

function rawOrDer(bytes: Buffer): DecodedSignature | undefined {
  if (bytes.length === 64) return { raw: bytes, isDer: false };
  const raw = fromDer(bytes);
  return raw && { raw, isDer: true };
}

/** Decodes ASN.1 DER: a sequence of two integers, each of at most 32 bytes without the sign byte. */
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
