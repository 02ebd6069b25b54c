import { createPublicKey, type KeyObject } from "node:crypto";
import type { HmacKey } from "../domain/merchant.ts";
import { Hs256Signer } from "./jws.ts";

/** Maximum number of prepared keys of each kind. */
const keysMax = 1000;

/** Keys in the form in which they verify and sign. Each is prepared once, because that costs more than its use. */
export class PreparedKeys {
  readonly #publicKeys = new Map<string, KeyObject>();
  readonly #signers = new Map<string, Hs256Signer>();

  /** @param pem SPKI. */
  publicKey(pem: string): KeyObject {
    return prepared(this.#publicKeys, pem, () => createPublicKey(pem));
  }

  signer(key: HmacKey): Hs256Signer {
    return prepared(this.#signers, `${key.kid} ${key.key}`, () => new Hs256Signer(key));
  }
}

function prepared<T>(known: Map<string, T>, id: string, prepare: () => T): T {
  let key = known.get(id);
  if (key === undefined) {
    if (known.size >= keysMax) known.clear();
    key = prepare();
    known.set(id, key);
  }
  return key;
}
