import { deriveHmacKey, deriveKeyPair, type KeyPair } from "../../src/security/keys.ts";

/** Real time of all vectors, in seconds since 1970: 2026-01-05T09:00:00Z. */
export const now = Date.UTC(2026, 0, 5, 9) / 1000;

/** Seed of the sandbox that gives the verdicts. */
export const seed = "vectors";

/** Clock of that sandbox's worlds, in seconds since 1970: frozen three hours later. */
export const worldTime = now + 3 * 3600;

export interface RequestKey extends KeyPair {
  readonly kid: string;
  readonly merchantId: string;
}

function requestKey(merchantId: string, name: string): RequestKey {
  const kid = `37oBH${name}`.padEnd(27, "0");
  return { kid, merchantId, ...deriveKeyPair(seed, kid) };
}

export const shopKey = requestKey("shop", "ShopKey1");
export const secondShopKey = requestKey("shop", "ShopKey2");
export const neighbourKey = requestKey("neighbour", "NeighbourKey1");

/** The registered keys. */
export const requestKeys: readonly RequestKey[] = [shopKey, secondShopKey, neighbourKey];

/** A key that is not registered. */
export const strangerKey = requestKey("stranger", "StrangerKey1");

/** The merchants of that sandbox, besides the demo merchant. */
export const merchants = [
  {
    merchantId: "shop",
    processingAccountIds: ["2HdN2jq6XWmlkhqRC2gDTNYCv01"],
    credentials: [shopKey, secondShopKey].map(({ kid, publicKey }) => ({ kid, publicKey })),
  },
  {
    merchantId: "neighbour",
    processingAccountIds: ["2HdN2jq6XWmlkhqRC2gDTNYCv02"],
    credentials: [neighbourKey].map(({ kid, publicKey }) => ({ kid, publicKey })),
  },
] as const;

/** The shared secret that this sandbox derives for a merchant of its configuration. */
export function sharedSecret(merchantId: string): string {
  return deriveHmacKey(seed, `${merchantId} merchant: shared secret`);
}

/** The id of the shop's shared secret in this sandbox. */
export const sharedSecretKid = "37dGaoNAWjqw38MDKtLigq8mssA";
