import type { RealClock } from "../platform/clock.ts";
import { parseDetachedJws } from "../security/jws.ts";
import { type SignedParts, verifyRequestSignature } from "../security/request-signature.ts";
import { signResponseBody } from "../security/response-signature.ts";
import type { Store } from "../store/store.ts";

/** `verify`: a signature that is there must be right. `require`: there must be one. `off`: none is looked at. */
export type AuthMode = "verify" | "require" | "off";

/** Who asks, and what the developer should know about the signature. */
export type Authentication =
  | { readonly ok: true; readonly merchantId: string; readonly diagnosis?: string }
  | { readonly ok: false; readonly merchantId: string; readonly diagnosis: string };

const unsigned = "unsigned: the provider would answer 401";

/** Verifies what comes in and signs what goes out. Judges by the real clock, never by a world's. */
export class Signatures {
  readonly #store: Store;
  readonly #clock: RealClock;
  readonly #mode: AuthMode;
  readonly #demoMerchantId: string;

  constructor(store: Store, clock: RealClock, mode: AuthMode, demoMerchantId: string) {
    this.#store = store;
    this.#clock = clock;
    this.#mode = mode;
    this.#demoMerchantId = demoMerchantId;
  }

  /** @param signature the value of `X-Signature`, `undefined` where the header is missing. */
  async authenticate(signature: string | undefined, parts: SignedParts): Promise<Authentication> {
    const merchantId = this.#demoMerchantId;
    if (signature === undefined) {
      if (this.#mode === "require") return { ok: false, merchantId, diagnosis: "X-Signature is missing." };
      return { ok: true, merchantId, ...(this.#mode === "verify" ? { diagnosis: unsigned } : {}) };
    }
    const jws = parseDetachedJws(signature);
    const kid = typeof jws === "object" ? jws.header.kid : undefined;
    const credential =
      typeof kid === "string" ? await this.#store.atomically((unit) => unit.get("credential", kid)) : undefined;
    const owner = credential?.merchantId ?? merchantId;
    if (this.#mode === "off") return { ok: true, merchantId: owner };
    const verdict = verifyRequestSignature(signature, parts, this.#clock.now(), () => credential?.publicKey);
    return verdict.ok
      ? { ok: true, merchantId: owner }
      : { ok: false, merchantId: owner, diagnosis: verdict.diagnosis };
  }

  /** The values of `X-Signature` for a response to this merchant, one for each active key. */
  async sign(body: Uint8Array, merchantId = this.#demoMerchantId): Promise<string[]> {
    const merchant = await this.#store.atomically((unit) => unit.get("merchant", merchantId));
    return signResponseBody(body, merchant?.hmacKeys ?? [], this.#clock.now());
  }
}
