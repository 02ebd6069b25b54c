import { isKsuid } from "../../domain/ksuid.ts";
import { activeKeys, type Credential, type HmacKey, type Merchant, type Scope, scopes } from "../../domain/merchant.ts";
import { accept, invalidMember, type Result, refuse, unknownWorld } from "../../domain/refusal.ts";
import { newTask, taskId } from "../../domain/task.ts";
import { type World, type WorldClock, type WorldSettings, worldTime } from "../../domain/world.ts";
import type { RealClock } from "../../platform/clock.ts";
import type { Ids } from "../../platform/ids.ts";
import { deriveHmacKey, deriveKeyPair, readPublicKey } from "../../security/keys.ts";
import { requestExpirySecondsMax, type SignedParts, signRequestParts } from "../../security/request-signature.ts";
import type { Store, UnitOfWork } from "../../store/store.ts";
import { merchantOf, retireKey } from "./hmac-keys.ts";
import { checkLogos, saveWorld } from "./logos.ts";
import { refuseConflict, type Worlds } from "./worlds.ts";

/** The keys of a merchant and one of its worlds, for its developer. */
export interface MerchantView {
  readonly processingAccountId: string;
  /** The credential with a private key of the sandbox, else the newest; `undefined` if all were removed. */
  readonly credential: Credential | undefined;
  readonly hmacKeys: readonly HmacKey[];
}

/** A public key to register. */
export interface KeyRegistration {
  /** SPKI as PEM, or a JWK. */
  readonly publicKey: string | object;
  readonly kid?: string | undefined;
  /** Default: all scopes. */
  readonly scopes?: readonly Scope[] | undefined;
}

/** Opens merchants with a world of their own, and manages credentials and HMAC keys. */
export class Merchants {
  readonly #store: Store;
  readonly #clock: RealClock;
  readonly #ids: Ids;
  readonly #worlds: Worlds;
  readonly #seed: string;

  constructor(store: Store, clock: RealClock, ids: Ids, worlds: Worlds, seed: string) {
    this.#store = store;
    this.#clock = clock;
    this.#ids = ids;
    this.#worlds = worlds;
    this.#seed = seed;
  }

  /** The merchant of a world; without an id, the demo merchant. Refuses with `not_found`. */
  view(processingAccountId?: string): Promise<Result<MerchantView>> {
    return this.#inWorld(processingAccountId, async (unit, world) =>
      accept(await viewOf(unit, world, this.#clock.now())),
    );
  }

  /**
   * Creates a merchant with one world and its own keys.
   * @returns its keys, or `action_not_allowed` if the given id is taken, `invalid_request` if it is not a KSUID.
   */
  open(request: {
    readonly processingAccountId?: string | undefined;
    readonly settings: WorldSettings;
    readonly clock?: WorldClock | undefined;
  }): Promise<Result<MerchantView>> {
    const { processingAccountId: given, settings, clock } = request;
    if (given !== undefined && !isKsuid(given))
      return Promise.resolve(refuse(invalidMember("processingAccountId", notKsuid)));
    return this.#store.atomically(async (unit) => {
      const processingAccountId = given ?? (await this.#newAccount(unit));
      if (await isTaken(unit, processingAccountId)) {
        return refuse({ code: "action_not_allowed", action: "open", subject: "a world", status: "open" });
      }
      const world = this.#worlds.newWorld(processingAccountId, {
        merchantId: processingAccountId,
        opening: { settings, ...(clock === undefined ? {} : { clock }) },
      });
      const refusal = refuseConflict(settings) ?? (await checkLogos(unit, world));
      if (refusal !== undefined) return refuse(refusal);
      await saveWorld(unit, world);
      const keys = deriveKeyPair(this.#seed, `${processingAccountId}: request key`);
      const key = deriveHmacKey(this.#seed, `${processingAccountId}: shared secret`);
      const hmacKid = this.#ids.ksuid("hmac_key", processingAccountId, openingTime);
      await unit.save("merchant", { merchantId: world.merchantId, hmacKeys: [{ kid: hmacKid, key }] });
      const kid = await this.#newKid(unit, processingAccountId, openingTime);
      await unit.save("credential", { kid, merchantId: world.merchantId, ...keys, scopes });
      return accept(await viewOf(unit, world, this.#clock.now()));
    });
  }

  /**
   * Registers a public key of the merchant.
   * @returns the credential, or `invalid_request` if the key is not an ES256 public key or its `kid` not a KSUID,
   * `action_not_allowed` for a `kid` that is taken, `not_found` for an unknown world.
   */
  register(registration: KeyRegistration, processingAccountId?: string): Promise<Result<Credential>> {
    return this.#inWorld(processingAccountId, async (unit, { merchantId, processingAccountId: id, clock }) => {
      const read = readPublicKey(registration.publicKey);
      if ("complaint" in read) return refuse(invalidMember("publicKey", read.complaint));
      const now = worldTime(clock, this.#clock.now());
      const kid = registration.kid ?? (await this.#newKid(unit, id, now));
      if (!isKsuid(kid)) return refuse(invalidMember("kid", notKsuid));
      if ((await unit.get("credential", kid)) !== undefined) {
        return refuse({ code: "action_not_allowed", action: "register", subject: "a key", status: "registered" });
      }
      const credential = { kid, merchantId, publicKey: read.pem, scopes: registration.scopes ?? scopes };
      await unit.save("credential", credential);
      return accept(credential);
    });
  }

  /**
   * Signs a request as the merchant of a world, for almost the longest time that the provider accepts.
   * @returns `X-Signature`; `undefined` if the sandbox has no private key of the merchant. Refuses with `not_found`.
   */
  sign(parts: SignedParts, processingAccountId?: string): Promise<Result<string | undefined>> {
    return this.#inWorld(processingAccountId, async (unit, world) => {
      const realTime = this.#clock.now();
      const { credential: { kid, privateKey } = {} } = await viewOf(unit, world, realTime);
      if (kid === undefined || privateKey === undefined) return accept(undefined);
      const exp = Math.floor(realTime / 1000) + requestExpirySecondsMax - clockDifferenceMaxSeconds;
      return accept(signRequestParts(parts, { kid, privateKey, exp }));
    });
  }

  /** Removes a credential. Requests that it signs are refused from now on. Refuses with `not_found`. */
  remove(kid: string): Promise<Result<undefined>> {
    return this.#store.atomically(async (unit) => {
      if ((await unit.get("credential", kid)) === undefined) return refuse({ code: "not_found" });
      await unit.remove("credential", kid);
      return accept(undefined);
    });
  }

  /**
   * Adds an HMAC key. The older keys sign too for another `overlapMs`: of world time, or of real time for a merchant
   * with several worlds, whose clocks may differ. Refuses with `not_found`.
   * @returns the keys, and the number of the merchant's worlds: the keys of all of them change.
   */
  rotate(overlapMs: number, processingAccountId?: string): Promise<Result<MerchantView & { readonly worlds: number }>> {
    return this.#inWorld(processingAccountId, async (unit, world) => {
      const merchant = await merchantOf(unit, world);
      const realTime = this.#clock.now();
      const older = activeKeys(merchant.hmacKeys, realTime);
      if (older.length >= hmacKeysMax) {
        const status = `with ${hmacKeysMax} keys already`;
        return refuse({ code: "action_not_allowed", action: "rotate", subject: "a merchant", status });
      }
      const now = worldTime(world.clock, realTime);
      const kid = this.#newHmacKid(merchant, world.processingAccountId, now);
      const key = { kid, key: deriveHmacKey(this.#seed, `shared secret ${kid}`) };
      const worlds = await unit.list("world", { merchantId: world.merchantId });
      // One of several clocks must not decide about the keys of all worlds.
      const byRealTime = worlds.length > 1 && overlapMs > 0;
      const retiring = byRealTime ? older.map((one) => ({ retireTime: realTime + overlapMs, ...one })) : older;
      await unit.save("merchant", { ...merchant, hmacKeys: [...retiring, key] });
      for (const { kid: id } of byRealTime ? [] : older) {
        if (overlapMs === 0) await retireKey(unit, world, id);
        else if ((await unit.get("task", taskId("retire_key", id))) === undefined) {
          await unit.save(
            "task",
            newTask("retire_key", { id, processingAccountId: world.processingAccountId }, now + overlapMs),
          );
        }
      }
      return accept({ ...(await viewOf(unit, world, this.#clock.now())), worlds: worlds.length });
    });
  }

  /** Retires an HMAC key now. Refuses with `not_found`, and with `action_not_allowed` for the only key. */
  retire(hmacKid: string, processingAccountId?: string): Promise<Result<MerchantView>> {
    return this.#inWorld(processingAccountId, async (unit, world) => {
      const hmacKeys = activeKeys((await merchantOf(unit, world)).hmacKeys, this.#clock.now());
      if (!hmacKeys.some(({ kid }) => kid === hmacKid)) return refuse({ code: "not_found" });
      if (hmacKeys.length === 1) {
        return refuse({ code: "action_not_allowed", action: "retire", subject: "an HMAC key", status: "the only one" });
      }
      await retireKey(unit, world, hmacKid);
      await unit.remove("task", taskId("retire_key", hmacKid));
      return accept(await viewOf(unit, world, this.#clock.now()));
    });
  }

  /** With a seed, a restored or an opened world may already have the next id: such ids are skipped. */
  async #newAccount(unit: UnitOfWork): Promise<string> {
    const id = this.#ids.ksuid("processing_account", "", openingTime);
    return (await isTaken(unit, id)) ? this.#newAccount(unit) : id;
  }

  async #newKid(unit: UnitOfWork, processingAccountId: string, now: number): Promise<string> {
    const kid = this.#ids.ksuid("credential", processingAccountId, now);
    return (await unit.get("credential", kid)) === undefined ? kid : this.#newKid(unit, processingAccountId, now);
  }

  #newHmacKid(merchant: Merchant, processingAccountId: string, now: number): string {
    const newKid = this.#ids.ksuid("hmac_key", processingAccountId, now);
    const taken = merchant.hmacKeys.some(({ kid }) => kid === newKid);
    return taken ? this.#newHmacKid(merchant, processingAccountId, now) : newKid;
  }

  #inWorld<T>(
    processingAccountId = this.#worlds.demoId,
    work: (unit: UnitOfWork, world: World) => Promise<Result<T>>,
  ): Promise<Result<T>> {
    return this.#store.atomically(async (unit) => {
      const world = await unit.get("world", processingAccountId);
      return world === undefined ? refuse(unknownWorld(processingAccountId)) : work(unit, world);
    });
  }
}

async function isTaken(unit: UnitOfWork, id: string): Promise<boolean> {
  return ((await unit.get("world", id)) ?? (await unit.get("merchant", id))) !== undefined;
}

/** The time in the ids of opened worlds and their first keys. With a seed they must not depend on a clock. */
const openingTime = Date.UTC(2026, 0, 1);

/** Maximum difference between this clock and the one that verifies a signature, in seconds. */
const clockDifferenceMaxSeconds = 10;

/** Maximum number of HMAC keys of a merchant: each adds a signature to the headers of a response. */
const hmacKeysMax = 10;
const notKsuid = "must be a KSUID: 27 letters and digits";

async function viewOf(unit: UnitOfWork, world: World, realTime: number): Promise<MerchantView> {
  const credentials = await unit.list("credential", { merchantId: world.merchantId });
  const hmacKeys = activeKeys((await merchantOf(unit, world)).hmacKeys, realTime);
  const credential = credentials.find(({ privateKey }) => privateKey !== undefined) ?? credentials.at(-1);
  return { processingAccountId: world.processingAccountId, credential, hmacKeys };
}
