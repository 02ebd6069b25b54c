import { createECDH, createPrivateKey, createPublicKey, hkdfSync, type JsonWebKey } from "node:crypto";

/** The order of the curve P-256: a private key is a number from 1 to one less. */
const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

/** A key pair as PEM: PKCS #8 and SPKI. */
export interface KeyPair {
  readonly privateKey: string;
  readonly publicKey: string;
}

/** Derives an ES256 key pair: the same seed and label give the same keys. */
export function deriveKeyPair(seed: string, label: string): KeyPair {
  const wide = BigInt(`0x${derive(seed, label, 48).toString("hex")}`);
  const d = Buffer.from(((wide % (order - 1n)) + 1n).toString(16).padStart(64, "0"), "hex");
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
 * Reads a public key for ES256, given as PEM (SPKI) or as a JWK.
 * @returns the key as SPKI PEM, or what is wrong with it, to stand after its name.
 */
export function readPublicKey(given: string | object): { readonly pem: string } | { readonly complaint: string } {
  const secret = typeof given === "string" ? given.includes("PRIVATE KEY") : "d" in given;
  if (secret) return { complaint: "is a private key: give the public one, and keep this one to yourself" };
  try {
    const key =
      typeof given === "string" ? createPublicKey(given) : createPublicKey({ key: given as JsonWebKey, format: "jwk" });
    if (key.asymmetricKeyDetails?.namedCurve === "prime256v1") {
      return { pem: key.export({ type: "spki", format: "pem" }).toString() };
    }
  } catch {
    // What OpenSSL says of it helps nobody; the sentence below does.
  }
  return { complaint: "must be a public key on the curve P-256, as PEM (SPKI) or JWK" };
}
