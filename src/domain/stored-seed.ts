/** The random seed of replicas that share a store. The first replica that other machines can reach makes it. */
export interface StoredSeed {
  readonly id: typeof storedSeedId;
  /** Secret: keys follow from it. */
  readonly seed: string;
  /** The store was older than the seed: its configured merchants keep the keys of the default seed. */
  readonly keepsDefaultKeys?: true;
}

/** Id of the only record. */
export const storedSeedId = "seed";

/**
 * Origin of the keys of the demo merchant and the configured merchants. `default`: the public default seed, so anyone
 * can compute them; `given`: the option `seed`; `random`: a seed that only the sandbox knows.
 */
export const seedOrigins = ["default", "given", "random"] as const;
export type SeedOrigin = (typeof seedOrigins)[number];
