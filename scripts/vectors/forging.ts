import { createHash, createHmac, sign } from "node:crypto";
import { FlattenedSign, importPKCS8, type JWSHeaderParameters } from "jose";

export type Maker = "jose" | "node:crypto";

/** Members of a protected header, in the order in which they are written; `undefined` removes one. */
export type Header = Readonly<Record<string, unknown>>;

type Bytes = string | Uint8Array;

export function base64Url(bytes: Bytes): string {
  return Buffer.from(bytes).toString("base64url");
}

export function sha256(bytes: Bytes): Buffer {
  return createHash("sha256").update(bytes).digest();
}

/** The bytes of an ES256 signature: r and s, or DER. */
export function es256(input: Bytes, privateKey: string, dsaEncoding: "ieee-p1363" | "der" = "ieee-p1363"): Buffer {
  return sign("sha256", Buffer.from(input), { key: privateKey, dsaEncoding });
}

export function hmac(input: Bytes, key: Bytes, hash = "sha256"): Buffer {
  return createHmac(hash, Buffer.from(key)).update(input).digest();
}

/** Joins texts and bytes. */
export function bytes(...parts: readonly Bytes[]): Buffer {
  return Buffer.concat(parts.map((part) => Buffer.from(part)));
}

/** The bytes that are signed: `{b64url header}.{b64url payload}`. */
export function signingInput(encodedHeader: string, payload: Bytes): string {
  return `${encodedHeader}.${base64Url(payload)}`;
}

/** A detached JWS by node:crypto, whose signature the function makes from the encoded header. */
export function forge(header: Header | string, signature: (encodedHeader: string) => Bytes): string {
  const encoded = base64Url(typeof header === "string" ? header : JSON.stringify(header));
  return `${encoded}..${base64Url(signature(encoded))}`;
}

/** A detached JWS by jose. @param key PEM (PKCS #8) for ES256, the shared secret for HS256. */
export async function signWithJose(header: Header, payload: Bytes, key: string): Promise<string> {
  const { alg = "", ...others } = JSON.parse(JSON.stringify(header)) as JWSHeaderParameters;
  const imported = alg.startsWith("HS") ? Buffer.from(key) : await importPKCS8(key, alg);
  const crit = Object.fromEntries((others.crit ?? []).map((name) => [name, true]));
  const signer = new FlattenedSign(Buffer.from(payload)).setProtectedHeader({ alg, ...others });
  const { protected: encoded, signature } = await signer.sign(imported, { crit });
  return `${encoded}..${signature}`;
}

/** Changes the text of the signature, the part after the dots. */
export function withSignature(jws: string, change: (signature: Buffer, text: string) => string): string {
  const [header = "", , text = ""] = jws.split(".");
  return `${header}..${change(Buffer.from(text, "base64url"), text)}`;
}

/** JSON as Python's json.dumps writes it, for texts without `,"` and `":`. */
export function python(text: string): string {
  return text.replace(/":/g, '": ').replace(/,"/g, ', "');
}

/** JSON with escapes in place of the characters that are not ASCII. */
export function ascii(text: string): string {
  return text.replace(/[^ -~]/g, (found) => `\\u${found.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

/** The same JSON with the members of every object sorted. */
export function sorted(text: string): string {
  const sort = (value: unknown): unknown =>
    typeof value !== "object" || value === null
      ? value
      : Object.fromEntries(
          Object.entries(value)
            .sort()
            .map(([name, member]) => [name, sort(member)]),
        );
  return JSON.stringify(sort(JSON.parse(text)));
}
