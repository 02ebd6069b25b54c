/**
 * The timers of the process as `node:timers`, for tests that fake those of the sandbox too: it does not take them from
 * the global object. `vi.mock("node:timers", () => import("../support/fakeable-timers.ts"))`
 */
export const setTimeout: typeof globalThis.setTimeout = ((...timer: Parameters<typeof globalThis.setTimeout>) =>
  globalThis.setTimeout(...timer)) as typeof globalThis.setTimeout;

export const clearTimeout: typeof globalThis.clearTimeout = (timer) => globalThis.clearTimeout(timer);

export const setImmediate: typeof globalThis.setImmediate = ((...work: Parameters<typeof globalThis.setImmediate>) =>
  globalThis.setImmediate(...work)) as typeof globalThis.setImmediate;
