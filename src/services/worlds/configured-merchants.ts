import { type Credential, type Merchant, type Scope, scopes } from "../../domain/merchant.ts";
import type { Ids } from "../../platform/ids.ts";
import { deriveHmacKey, deriveKeyPair, readPublicKey } from "../../security/keys.ts";

/** The processing account of the provider's example. [seed] */
const demoProcessingAccountId = "2HdN2jq6XWmlkhqRC2gDTNYCvNH";

/** The ids of derived keys carry this time, so that they are the same at every start. */
const keysTime = Date.UTC(2026, 0, 1);

/** A merchant who is there from the start, with its credentials and worlds. */
export interface ConfiguredMerchant {
  readonly merchant: Merchant;
  readonly credentials: readonly Credential[];
  readonly processingAccountIds: readonly [string, ...string[]];
}

/** A merchant as the configuration names it. */
export interface MerchantOption {
  readonly merchantId: string;
  readonly processingAccountIds: readonly [string, ...string[]];
  /** Public keys of its own; without any, a pair is derived. */
  readonly credentials?:
    | readonly {
        readonly kid?: string | undefined;
        readonly publicKey: string | object;
        readonly scopes?: readonly Scope[] | undefined;
      }[]
    | undefined;
}

/**
 * The demo merchant and those of the configuration. What they do not bring along is derived from the seed: nothing secret
 * lies in the repository, and nothing changes between starts.
 * @param onWrong is called with the place and the fault of what is wrong; it must throw.
 */
export function configuredMerchants(
  configured: readonly MerchantOption[],
  seed: string,
  ids: Ids,
  onWrong: (place: string, complaint: string) => never,
): readonly [ConfiguredMerchant, ...ConfiguredMerchant[]] {
  const demo: MerchantOption = { merchantId: "demo", processingAccountIds: [demoProcessingAccountId] };
  const found = (option: MerchantOption): ConfiguredMerchant => {
    const { merchantId, processingAccountIds } = option;
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
    };
  };
  const founders = [found(demo), ...configured.map(found)] as const;
  const twice = (what: string, all: readonly string[]) => {
    const again = all.find((one, index) => all.indexOf(one) < index);
    if (again !== undefined)
      onWrong(`${what} ${again}`, "is there twice, among the merchants or as the demo merchant's");
  };
  twice(
    "the merchantId",
    founders.map(({ merchant }) => merchant.merchantId),
  );
  twice(
    "the processing account",
    founders.flatMap(({ processingAccountIds }) => processingAccountIds),
  );
  twice(
    "the kid",
    founders.flatMap(({ credentials }) => credentials.map(({ kid }) => kid)),
  );
  return founders;
}
