import { createHmac, createPublicKey, timingSafeEqual, verify } from "node:crypto";
import { flattenedVerify, importSPKI } from "jose";
import type { Vector } from "../../scripts/vectors/files.ts";

/** Verifies the bytes `{b64url header}.{b64url payload}` of a JWS. @param key SPKI (PEM) or a shared secret. */
export type Library = (jws: CompactParts, payload: Buffer, key: string) => Promise<boolean>;

interface CompactParts {
  readonly header: string;
  readonly signature: string;
}

export const byJose: Library = async ({ header, signature }, payload, key) => {
  const isPem = key.startsWith("-----BEGIN");
  const imported = isPem ? await importSPKI(key, "ES256") : Buffer.from(key);
  const jws = { protected: header, payload: payload.toString("base64url"), signature };
  return flattenedVerify(jws, imported, { algorithms: [isPem ? "ES256" : "HS256"] }).then(
    () => true,
    () => false,
  );
};

export const byNode: Library = async ({ header, signature }, payload, key) => {
  const input = Buffer.from(`${header}.${payload.toString("base64url")}`);
  const bytes = Buffer.from(signature, "base64url");
  if (key.startsWith("-----BEGIN")) {
    return verify("sha256", input, { key: createPublicKey(key), dsaEncoding: "ieee-p1363" }, bytes);
  }
  const expected = createHmac("sha256", key).update(input).digest();
  return bytes.length === expected.length && timingSafeEqual(bytes, expected);
};

/** What the header must have. */
interface Rules {
  readonly alg: string;
  readonly now: number;
  readonly aud: string | undefined;
  /** Maximum distance of `exp`, in seconds. */
  readonly expMax: number;
  readonly keyOf: (kid: unknown) => string | undefined;
}

/** Whether one detached JWS is right. */
async function isRight(text: string, payload: Buffer, rules: Rules, library: Library): Promise<boolean> {
  const [, header = "", signature = ""] = /^([\w-]+)\.\.([\w-]+)$/.exec(text) ?? [];
  if (![header, signature].every((part) => part !== "" && isCanonical(part))) return false;
  const members = objectIn(header);
  const { alg, kid, aud, exp, crit } = members ?? {};
  const key = rules.keyOf(kid);
  if (alg !== rules.alg || crit !== undefined || aud !== rules.aud || key === undefined) return false;
  if (typeof exp !== "number" || exp <= rules.now || exp > rules.now + rules.expMax) return false;
  return library({ header, signature }, payload, key);
}

function isCanonical(text: string): boolean {
  return Buffer.from(text, "base64url").toString("base64url") === text;
}

function objectIn(encoded: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(encoded, "base64url").toString("utf8"));
    return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}

type RequestKeys = readonly { readonly kid: string; readonly publicKey: string }[];

/** Whether a provider accepts the request. */
export function acceptsRequest(vector: Vector, keys: RequestKeys, now: number, library: Library): Promise<boolean> {
  const { method, target, payload, signature } = vector;
  const keyOf = (kid: unknown) => keys.find((key) => key.kid === kid)?.publicKey;
  const rules = { alg: "ES256", now, aud: `${method} ${target}`, expMax: 300, keyOf };
  return isRight(signature ?? "", Buffer.from(payload, "base64"), rules, library);
}

/** Whether a merchant accepts the response or webhook. */
export async function acceptsReceived(vector: Vector, now: number, library: Library): Promise<boolean> {
  const { key, url, payload, signature } = vector;
  const rules = { alg: "HS256", now, aud: url, expMax: Number.POSITIVE_INFINITY, keyOf: () => key };
  const lines = (signature ?? "").split(",").map((line) => line.trim());
  const results = lines.map((line) => isRight(line, Buffer.from(payload, "base64"), rules, library));
  return (await Promise.all(results)).includes(true);
}
