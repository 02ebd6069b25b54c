/** A secret that both sides hold; the sandbox signs what it sends with it. */
export interface HmacKey {
  readonly kid: string;
  /** The key is the UTF-8 bytes of this text. */
  readonly key: string;
}

/** Who integrates: owns credentials, HMAC keys and worlds. */
export interface Merchant {
  readonly merchantId: string;
  /** Every active key, oldest first. */
  readonly hmacKeys: readonly HmacKey[];
}

/** What a credential may do. [plugin] */
export const scopes = ["payments:create", "payments:read"] as const;
export type Scope = (typeof scopes)[number];

/** A public key whose private half signs a merchant's requests. */
export interface Credential {
  readonly kid: string;
  readonly merchantId: string;
  /** SPKI, PEM. */
  readonly publicKey: string;
  /** PKCS #8, PEM; only where the sandbox made the pair. */
  readonly privateKey?: string;
  readonly scopes: readonly Scope[];
}

/** Who asks: the merchant whose signature fits, or nobody in particular. */
export interface Caller {
  readonly merchantId: string | undefined;
}

/** Whether a caller may see what belongs to a merchant. An unsigned one may use what it knows. [ours] */
export function maySee(caller: Caller, record: { readonly merchantId: string }): boolean {
  return caller.merchantId === undefined || caller.merchantId === record.merchantId;
}
