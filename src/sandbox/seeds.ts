import type { Config } from "../config/config.ts";
import { describeExposure, isExposed } from "../config/exposure.ts";
import { type SeedOrigin, storedSeedId } from "../domain/stored-seed.ts";
import { randomIds, seededIds } from "../platform/ids.ts";
import { configuredMerchants } from "../services/worlds/configured-merchants.ts";
import type { Store, UnitOfWork } from "../store/store.ts";

/** Seed of the keys on loopback: the same keys at every start. Public, so anyone can compute them. */
const defaultSeed = "alipay-hk-sandbox";

/** The seeds that keys are derived from. */
export interface Seeds {
  /** Origin of the seed of the configured merchants. */
  readonly origin: SeedOrigin;
  /** For the demo merchant and the merchants of the configuration. */
  readonly configured: string;
  /** For merchants that are opened, and for new HMAC keys. */
  readonly opened: string;
}

/**
 * Chooses the seeds. Without the option `seed`, a sandbox that other machines can reach has a random seed, which a
 * shared store keeps: the first write wins. A store with merchants from before keeps the keys of the configured ones.
 */
export async function chooseSeeds(config: Config, store: Store): Promise<Seeds> {
  if (config.seed !== undefined) return same("given", config.seed);
  if (!store.shared) return isExposed(config) ? same("random", randomSeed()) : same("default", defaultSeed);
  const stored = await store.atomically(async (unit) => {
    const present = await unit.get("seed", storedSeedId);
    if (present !== undefined || !isExposed(config)) return present;
    const keepsDefaultKeys = (await hasDefaultKeys(unit)) ? { keepsDefaultKeys: true as const } : {};
    const made = { id: storedSeedId, seed: randomSeed(), ...keepsDefaultKeys } as const;
    await unit.save("seed", made);
    return made;
  });
  if (stored === undefined) return same("default", defaultSeed);
  if (stored.keepsDefaultKeys === undefined) return same("random", stored.seed);
  return { origin: "default", configured: defaultSeed, opened: stored.seed };
}

/** What the console says of the seeds; `undefined` if there is nothing to say. */
export function describeSeeds({ origin }: Seeds, config: Config): string | undefined {
  if (!isExposed(config) || origin === "given") return undefined;
  if (origin === "default") {
    return (
      `${describeExposure(config)}, but the configured merchants have keys from an earlier start that anyone can ` +
      "compute: register new keys, and rotate the HMAC keys."
    );
  }
  return config.store === "memory"
    ? `${describeExposure(config)}, so the keys are random and change at every start: ` +
        "set the option seed to a secret to keep them."
    : undefined;
}

function same(origin: SeedOrigin, seed: string): Seeds {
  return { origin, configured: seed, opened: seed };
}

function randomSeed(): string {
  const ids = randomIds();
  return ids.token("seed", "") + ids.token("seed", "");
}

/** Whether the demo merchant in the store has its key of the default seed. */
async function hasDefaultKeys(unit: UnitOfWork): Promise<boolean> {
  const [demo] = configuredMerchants([], defaultSeed, seededIds(defaultSeed), (place, complaint) => {
    throw new Error(`${place} ${complaint}`);
  });
  const [credential] = demo.credentials;
  const stored = credential && (await unit.get("credential", credential.kid));
  return stored?.publicKey === credential?.publicKey;
}
