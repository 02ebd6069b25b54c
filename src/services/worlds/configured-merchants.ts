import { type Credential, type Merchant, scopes } from "../../domain/merchant.ts";
import type { MerchantOption } from "../../domain/merchant-option.ts";
import type { WorldSettings } from "../../domain/world.ts";
import type { Ids } from "../../platform/ids.ts";
import { deriveHmacKey, deriveKeyPair, readPublicKey } from "../../security/keys.ts";

/** The processing account of the provider's example. [seed] */
const demoProcessingAccountId = "2HdN2jq6XWmlkhqRC2gDTNYCvNH";

/** The ids of derived keys carry this time, so that they are the same at every start. */
const keysTime = Date.UTC(2026, 0, 1);

/** A merchant of the configuration, with its credentials and worlds. */
export interface ConfiguredMerchant {
  readonly merchant: Merchant;
  readonly credentials: readonly Credential[];
  readonly processingAccountIds: readonly [string, ...string[]];
  /** Settings of its worlds that differ from the defaults. */
  readonly settings: Partial<WorldSettings>;
}

/**
 * Returns the demo merchant and those of the configuration. Missing keys are derived from the seed: the repository has
 * no secrets, and the keys are the same at every start.
 * @param onWrong receives the place and the fault of a wrong value; it must throw.
 */
export function configuredMerchants(
  options: readonly MerchantOption[],
  seed: string,
  ids: Ids,
  onWrong: (place: string, complaint: string) => never,
): readonly [ConfiguredMerchant, ...ConfiguredMerchant[]] {
  const demo: MerchantOption = { merchantId: "demo", processingAccountIds: [demoProcessingAccountId] };
  const configure = (option: MerchantOption): ConfiguredMerchant => {
    const { merchantId, processingAccountIds, merchantName, merchantLogo } = option;
    const hmacKid = ids.ksuid("hmac_key", processingAccountIds[0], keysTime);
    const newKid = () => ids.ksuid("credential", processingAccountIds[0], keysTime);
    const own = (option.credentials ?? []).map(({ kid, publicKey, scopes: limited }, index): Credential => {
      const read = readPublicKey(publicKey);
      if ("complaint" in read)
        return onWrong(`credentials[${index}].publicKey of the merchant ${merchantId}`, read.complaint);
      return { kid: kid ?? newKid(), merchantId, publicKey: read.pem, scopes: limited ?? scopes };
    });
    const derived = () => ({
      kid: newKid(),
      merchantId,
      ...deriveKeyPair(seed, `${merchantId} merchant: request key`),
      scopes,
    });
    return {
      merchant: {
        merchantId,
        hmacKeys: [{ kid: hmacKid, key: deriveHmacKey(seed, `${merchantId} merchant: shared secret`) }],
      },
      credentials: own.length > 0 ? own : [derived()],
      processingAccountIds,
      settings: {
        ...(merchantName !== undefined && { merchantName }),
        ...(merchantLogo !== undefined && { merchantLogo }),
      },
    };
  };
  const configured = [configure(demo), ...options.map(configure)] as const;
  const requireUnique = (what: string, values: readonly string[]) => {
    const repeated = values.find((value, index) => values.indexOf(value) < index);
    if (repeated === undefined) return;
    onWrong(`${what} ${repeated}`, "appears twice: in two merchants, or in one and the demo merchant");
  };
  requireUnique(
    "the merchantId",
    configured.map(({ merchant }) => merchant.merchantId),
  );
  requireUnique(
    "the processing account",
    configured.flatMap(({ processingAccountIds }) => processingAccountIds),
  );
  requireUnique(
    "the key id",
    configured.flatMap(({ credentials }) => credentials.map(({ kid }) => kid)),
  );
  return configured;
}
