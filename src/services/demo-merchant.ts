import type { Credential, Merchant } from "../domain/merchant.ts";
import type { Ids } from "../platform/ids.ts";
import { deriveHmacKey, deriveKeyPair } from "../security/keys.ts";

/** The processing account of the provider's example. [seed] */
const demoProcessingAccountId = "2HdN2jq6XWmlkhqRC2gDTNYCvNH";

/** The ids of the demo merchant's keys carry this time, so that they are the same at every start. */
const keysTime = Date.UTC(2026, 0, 1);

/** Who is there from the start, with the private key that the sandbox made for it. */
export interface Demo {
  readonly merchant: Merchant;
  readonly credential: Credential;
  readonly privateKey: string;
  readonly processingAccountId: string;
}

/** Derives the demo merchant from a seed: nothing secret lies in the repository, and nothing changes between starts. */
export function demoMerchant(seed: string, ids: Ids): Demo {
  const merchantId = "demo";
  const keys = deriveKeyPair(seed, "demo merchant: request key");
  const hmacKid = ids.ksuid("hmac_key", demoProcessingAccountId, keysTime);
  return {
    merchant: { merchantId, hmacKeys: [{ kid: hmacKid, key: deriveHmacKey(seed, "demo merchant: shared secret") }] },
    credential: {
      kid: ids.ksuid("credential", demoProcessingAccountId, keysTime),
      merchantId,
      publicKey: keys.publicKey,
    },
    privateKey: keys.privateKey,
    processingAccountId: demoProcessingAccountId,
  };
}
