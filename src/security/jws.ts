import crypto, { createHmac, createPublicKey, type KeyObject, sign, timingSafeEqual, verify } from "node:crypto";

/** Header of a signature, with the members that this API uses. */
export interface SignatureHeader {
  readonly alg: string;
  readonly kid: string;
  /** Audience; see `requestAudience`. */
  readonly aud?: string;
  /** Expiry, in seconds since 1970 of real time. */
  readonly exp: number;
}

/** A parsed detached JWS: `{header}..{signature}` in its compact form. */
export interface DetachedJws {
  readonly encodedHeader: string;
  readonly header: Readonly<Record<string, unknown>>;
  readonly signature: Buffer;
}

/** Reason why a text is not a detached JWS. */
export type JwsFault = "not_three_parts" | "payload_not_detached" | "not_base64url" | "header_not_json";

/** Parses `{b64url header}..{b64url signature}` strictly: unpadded base64url, and a JSON object as header. */
export function parseDetachedJws(text: string): DetachedJws | JwsFault {
  const [encodedHeader, payload, encodedSignature, ...more] = text.split(".");
  if (encodedHeader === undefined || payload === undefined || encodedSignature === undefined || more.length > 0) {
    return "not_three_parts";
  }
  if (payload !== "") return "payload_not_detached";
  const headerBytes = decodeBase64Url(encodedHeader);
  const signature = decodeBase64Url(encodedSignature);
  if (headerBytes === undefined || signature === undefined) return "not_base64url";
  const header = parseObject(headerBytes);
  return header === undefined ? "header_not_json" : { encodedHeader, header, signature };
}

/** Input of the signature: the bytes `{b64url header}.{b64url payload}`. A payload that is a text is sent as UTF-8. */
export function signingInput(encodedHeader: string, payload: string | Uint8Array): Buffer {
  return Buffer.from(`${encodedHeader}.${base64Url(payload)}`, "ascii");
}

function base64Url(payload: string | Uint8Array): string {
  const bytes =
    typeof payload === "string"
      ? Buffer.from(payload, "utf8")
      : Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength);
  return bytes.toString("base64url");
}

/** Verifies a raw ES256 signature of 64 bytes. @param publicKey SPKI as PEM, or a key that was read from it. */
export function verifyEs256(input: Uint8Array, signature: Uint8Array, publicKey: string | KeyObject): boolean {
  if (signature.length !== 64) return false;
  const key = typeof publicKey === "string" ? createPublicKey(publicKey) : publicKey;
  return verify("sha256", input, { key, dsaEncoding: "ieee-p1363" }, signature);
}

/** Verifies an HS256 signature with the UTF-8 bytes of `key`. */
export function verifyHs256(input: Uint8Array, signature: Uint8Array, key: string): boolean {
  const expected = hs256(input, key);
  return signature.length === expected.length && timingSafeEqual(signature, expected);
}

/** Signs as ES256 and returns the compact detached form. */
export function signEs256(header: SignatureHeader, payload: Uint8Array, privateKey: KeyObject): string {
  return detachedJws(header, (input) => sign("sha256", input, { key: privateKey, dsaEncoding: "ieee-p1363" }), payload);
}

/** Signs as HS256 with the UTF-8 bytes of `key` and returns the compact detached form. */
export function signHs256(header: SignatureHeader, payload: Uint8Array, key: string): string {
  return detachedJws(header, (input) => hs256(input, key), payload);
}

// Not a named import: an old Node without it could not even say that it is too old.
const { hash } = crypto;

/** Bytes of a block of SHA-256. */
const blockBytes = 64;
/** Bytes of a SHA-256 hash. */
const hashBytes = 32;

/**
 * Signs many payloads with one HS256 key. The header is encoded once for each `exp`. The HMAC is two hashes, as in
 * RFC 2104: the object that `createHmac` makes would cost more than both.
 */
export class Hs256Signer {
  readonly #kid: string;
  /** The key for the inner hash. */
  readonly #inner = Buffer.alloc(blockBytes, 0x36);
  /** The key for the outer hash, then the inner hash. */
  readonly #outer = Buffer.alloc(blockBytes + hashBytes, 0x5c);
  #exp: number | undefined;
  #encodedHeader = "";

  constructor({ kid, key }: { readonly kid: string; readonly key: string }) {
    this.#kid = kid;
    const bytes = Buffer.from(key, "utf8");
    const blockKey = bytes.length > blockBytes ? hash("sha256", bytes, "buffer") : bytes;
    for (const [index, byte] of blockKey.entries()) {
      this.#inner[index] = byte ^ 0x36;
      this.#outer[index] = byte ^ 0x5c;
    }
  }

  /** Returns the compact detached form. @param exp in seconds since 1970. */
  sign(payload: string | Uint8Array, exp: number): string {
    if (exp !== this.#exp) {
      this.#exp = exp;
      this.#encodedHeader = encodeHeader({ alg: "HS256", kid: this.#kid, exp });
    }
    return `${this.#encodedHeader}..${this.#hmac(`${this.#encodedHeader}.${base64Url(payload)}`)}`;
  }

  #hmac(input: string): string {
    const message = Buffer.allocUnsafe(blockBytes + input.length);
    this.#inner.copy(message);
    message.write(input, blockBytes, "latin1");
    this.#outer.write(hash("sha256", message, "binary"), blockBytes, "latin1");
    return hash("sha256", this.#outer, "base64url");
  }
}

function encodeHeader(header: SignatureHeader): string {
  return Buffer.from(JSON.stringify(header), "utf8").toString("base64url");
}

function detachedJws(header: SignatureHeader, signer: (input: Buffer) => Buffer, payload: Uint8Array): string {
  const encodedHeader = encodeHeader(header);
  return `${encodedHeader}..${signer(signingInput(encodedHeader, payload)).toString("base64url")}`;
}

function hs256(input: Uint8Array, key: string): Buffer {
  return createHmac("sha256", Buffer.from(key, "utf8")).update(input).digest();
}

function decodeBase64Url(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, "base64url");
  return text !== "" && bytes.toString("base64url") === text ? bytes : undefined;
}

function parseObject(bytes: Buffer): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}
