import { createECDH, createPrivateKey, createPublicKey, hkdfSync, type JsonWebKey } from "node:crypto";

/** Order of the curve P-256: private keys are the numbers from 1 to `curveOrder - 1`. */
const curveOrder = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

/** A key pair as PEM: PKCS #8 and SPKI. */
export interface KeyPair {
  readonly privateKey: string;
  readonly publicKey: string;
}

/** Derives an ES256 key pair; the same seed and label give the same keys. */
export function deriveKeyPair(seed: string, label: string): KeyPair {
  const number = BigInt(`0x${derive(seed, label, 48).toString("hex")}`);
  const d = Buffer.from(((number % (curveOrder - 1n)) + 1n).toString(16).padStart(64, "0"), "hex");
  const ecdh = createECDH("prime256v1");
  ecdh.setPrivateKey(d);
  const point = ecdh.getPublicKey();
  const [x, y] = [point.subarray(1, 33), point.subarray(33)];
  const jwk = {
    kty: "EC",
    crv: "P-256",
    d: d.toString("base64url"),
    x: x.toString("base64url"),
    y: y.toString("base64url"),
  };
  const key = createPrivateKey({ key: jwk, format: "jwk" });
  return {
    privateKey: key.export({ type: "pkcs8", format: "pem" }).toString(),
    publicKey: createPublicKey(key).export({ type: "spki", format: "pem" }).toString(),
  };
}

/** Derives a shared secret as text: 43 base64url characters, 256 bits. */
export function deriveHmacKey(seed: string, label: string): string {
  return derive(seed, label, 32).toString("base64url");
}

function derive(seed: string, label: string, bytes: number): Buffer {
  return Buffer.from(hkdfSync("sha256", seed, "alipay-hk-sandbox", label, bytes));
}

/**
 * Reads a public key for ES256 from PEM (SPKI) or a JWK.
 * @returns the key as SPKI PEM, or a complaint that continues a sentence about it.
 */
export function readPublicKey(given: string | object): { readonly pem: string } | { readonly complaint: string } {
  const isPrivate = typeof given === "string" ? given.includes("PRIVATE KEY") : "d" in given;
  if (isPrivate) return { complaint: "is a private key: send the public key instead, and keep the private key secret" };
  try {
    const key =
      typeof given === "string" ? createPublicKey(given) : createPublicKey({ key: given as JsonWebKey, format: "jwk" });
    if (key.asymmetricKeyDetails?.namedCurve === "prime256v1") {
      return { pem: key.export({ type: "spki", format: "pem" }).toString() };
    }
  } catch {
    // The complaint below is clearer than the error of OpenSSL.
  }
  return { complaint: "must be a public key on the curve P-256, as PEM (SPKI) or JWK" };
}
