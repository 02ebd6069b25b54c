import { sign } from "node:crypto";
import {
  exportJWK,
  exportPKCS8,
  exportSPKI,
  FlattenedSign,
  flattenedVerify,
  generateKeyPair,
  importPKCS8,
  type JWK,
  type JWSHeaderParameters,
} from "jose";

/** A merchant's request, signed by `jose`, an implementation independent of the sandbox. */
interface RequestForJose {
  readonly method: string;
  /** Path and query without host. */
  readonly target: string;
  readonly body?: string | Uint8Array;
  readonly kid: string;
  /** PEM, PKCS #8. With an HS algorithm: the text whose bytes are the secret. */
  readonly privateKey: string;
  /** Header members that replace or extend `alg`, `kid`, `aud`, `exp`. `undefined` omits a member. */
  readonly header?: Readonly<Record<string, unknown>>;
  readonly expiresInSeconds?: number;
}

/** Returns the value of `X-Signature`, `{header}..{signature}`. */
export async function signWithJose({
  method,
  target,
  body = "",
  kid,
  privateKey,
  header = {},
  expiresInSeconds = 60,
}: RequestForJose): Promise<string> {
  const exp = Math.floor(Date.now() / 1000) + expiresInSeconds;
  const usual = { alg: "ES256", kid, aud: `${method} ${target}`, exp };
  const members: JWSHeaderParameters & { alg: string } = { ...usual, ...header };
  const key = members.alg.startsWith("HS") ? bytesOf(privateKey) : await importPKCS8(privateKey, members.alg);
  const crit = Object.fromEntries((members.crit ?? []).map((name) => [name, true]));
  const jws = await new FlattenedSign(bytesOf(body)).setProtectedHeader(members).sign(key, { crit });
  return `${jws.protected}..${jws.signature}`;
}

/**
 * Verifies one value of `X-Signature` of the sandbox, over the exact bytes of the body, with the shared secret.
 * Rejects if it does not match. Does not check `exp` and `aud`. @returns the header.
 */
export async function verifyWithJose(
  signature: string | null | undefined,
  body: string | Uint8Array,
  hmacKey: string,
): Promise<JWSHeaderParameters> {
  const [encodedHeader = "", middle, encodedSignature = "", ...more] = (signature ?? "").split(".");
  if (middle !== "" || more.length > 0) throw new Error(`Not a detached JWS: ${signature}`);
  const payload = Buffer.from(bytesOf(body)).toString("base64url");
  const jws = { protected: encodedHeader, payload, signature: encodedSignature };
  const { protectedHeader } = await flattenedVerify(jws, bytesOf(hmacKey), { algorithms: ["HS256"] });
  return protectedHeader ?? {};
}

interface JoseKeyPair {
  /** PEM, PKCS #8. */
  readonly privateKey: string;
  /** PEM, SPKI. */
  readonly publicKey: string;
  readonly publicJwk: JWK;
}

export async function generateWithJose(alg = "ES256"): Promise<JoseKeyPair> {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
  return {
    privateKey: await exportPKCS8(privateKey),
    publicKey: await exportSPKI(publicKey),
    publicJwk: await exportJWK(publicKey),
  };
}

/** Returns a forged detached JWS: any header, any bytes as signature. */
export function forgeJws(header: object, signature: Uint8Array): string {
  return `${base64Url(JSON.stringify(header))}..${base64Url(signature)}`;
}

/** Signs the same header and body again, with a DER signature, the default of most libraries. */
export function resignAsDer(signature: string, body: string | Uint8Array, privateKey: string): string {
  const [encodedHeader = ""] = signature.split(".");
  const der = sign("sha256", Buffer.from(`${encodedHeader}.${base64Url(body)}`), privateKey);
  return `${encodedHeader}..${base64Url(der)}`;
}

/** Returns the exact text of the header of a detached JWS. */
export function headerText(signature: string): string {
  return Buffer.from(signature.split(".")[0] ?? "", "base64url").toString("utf8");
}

function bytesOf(text: string | Uint8Array): Uint8Array {
  return typeof text === "string" ? new TextEncoder().encode(text) : text;
}

function base64Url(bytes: string | Uint8Array): string {
  return Buffer.from(bytesOf(bytes)).toString("base64url");
}
