import type { Members, RecordOf } from "./members.ts";

const hmacKeyMembers = {
  kid: "ksuid",
  /** The key is the UTF-8 bytes of this text. */
  key: "text",
  /** Real time from which the key does not sign any more, if it does not retire by the clock of a world. */
  retireTime: { optional: "time" },
} as const satisfies Members;

/** A shared secret. The sandbox signs its responses and webhooks with it. */
export interface HmacKey extends RecordOf<typeof hmacKeyMembers> {}

/** The keys that sign at a real time, in milliseconds. */
export function activeKeys(keys: readonly HmacKey[], realTime: number): readonly HmacKey[] {
  return keys.filter(({ retireTime }) => retireTime === undefined || retireTime > realTime);
}

export const merchantMembers = {
  merchantId: "text",
  /** Every active key, oldest first. */
  hmacKeys: { list: { object: hmacKeyMembers } },
} as const satisfies Members;

/** An integrator: the owner of credentials, HMAC keys and worlds. */
export interface Merchant extends RecordOf<typeof merchantMembers> {}

/** The permissions of a credential. [plugin] */
export const scopes = ["payments:create", "payments:read"] as const;
export type Scope = (typeof scopes)[number];

export const credentialMembers = {
  kid: "ksuid",
  merchantId: "text",
  /** SPKI, PEM. */
  publicKey: "text",
  /** PKCS #8, PEM; only if the sandbox made the pair. */
  privateKey: { optional: "privateKey" },
  scopes: { list: { oneOf: scopes } },
} as const satisfies Members;

/** A public key whose private key signs a merchant's requests. */
export interface Credential extends RecordOf<typeof credentialMembers> {}

/** The sender of a request: the merchant whose signature is valid, or an unknown one. */
export interface Caller {
  readonly merchantId: string | undefined;
}

/**
 * Whether a caller may read a record of a merchant. An unsigned caller may read every record whose id it knows. [ours]
 */
export function maySee(caller: Caller, record: { readonly merchantId: string }): boolean {
  return caller.merchantId === undefined || caller.merchantId === record.merchantId;
}
