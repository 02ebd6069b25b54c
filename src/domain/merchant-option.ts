import type { Scope } from "./merchant.ts";

/** A merchant in the configuration, besides the demo merchant. */
export interface MerchantOption {
  readonly merchantId: string;
  readonly processingAccountIds: readonly [string, ...string[]];
  /** The setting `merchantName` of its worlds; by default that of the sandbox. */
  readonly merchantName?: string | undefined;
  /** A PNG or JPEG image as a data URL, for the worlds of the merchant; by default the setting `merchantLogo`. */
  readonly merchantLogo?: string | undefined;
  /** Public keys of the merchant, as PEM (SPKI) or JWK; without any, a key pair is derived from the seed. */
  readonly credentials?:
    | readonly {
        readonly kid?: string | undefined;
        readonly publicKey: string | object;
        readonly scopes?: readonly Scope[] | undefined;
      }[]
    | undefined;
}
