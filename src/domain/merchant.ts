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

/** A public key whose private half signs a merchant's requests. */
export interface Credential {
  readonly kid: string;
  readonly merchantId: string;
  /** SPKI, PEM. */
  readonly publicKey: string;
}
