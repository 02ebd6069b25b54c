import { type Config, UnavailableError } from "../config/config.ts";
import { type RealClock, systemClock, waitAtMost } from "../platform/clock.ts";
import type { Log } from "../platform/log.ts";
import type { Turns } from "../platform/turns.ts";
import { MemoryStore } from "../store/memory/store.ts";
import type { Store } from "../store/store.ts";

/** Time for the database to confirm the end of its connections, in milliseconds. */
export const databaseGraceMs = 1_500;

/** A store, and the real clock that goes with it. */
export interface OpenStore {
  readonly store: Store;
  readonly clock: RealClock;
  readonly turns: Turns;
  readonly close: () => Promise<void>;
}

/**
 * Opens the store of the configuration. With a shared database, the database time is the real time of all replicas.
 * @param id the id of this replica. No other process has it.
 */
export async function openStore({ store: chosen }: Config, id: string, turns: Turns, log: Log): Promise<OpenStore> {
  const pause = () => turns.pause();
  if (chosen === "memory") {
    const store = new MemoryStore(pause);
    return { store, clock: systemClock, turns, close: () => store.close() };
  }
  const { PostgresStore } = await import("../store/postgres/store.ts");
  const { SharedClock } = await import("../platform/shared-clock.ts");
  const onState = (trouble: string | undefined) => {
    const message =
      trouble === undefined
        ? "The database is reachable again."
        : `The database cannot be reached: ${trouble}. Requests get internal_error until it is reachable again.`;
    log({ event: "store", message });
  };
  try {
    const store = await PostgresStore.open({ ...chosen, clock: systemClock, pause, id, onState });
    const clock = await SharedClock.of(systemClock, () => store.time()).catch(async (error: unknown) => {
      await waitAtMost(store.close(), databaseGraceMs);
      throw error;
    });
    const close = async () => {
      clock.stop();
      await store.close();
    };
    return { store, clock, turns, close };
  } catch (error) {
    throw unusable(error as Error);
  }
}

const sqlState = /^[\dA-Z]{5}$/;

/** The error of a start that failed: a sentence if a shared store caused it, else the error itself. */
export function startFailure(error: unknown, store: Store): unknown {
  const { code = "" } = error as { code?: string };
  return store.shared && (store.isUnavailable(error) || sqlState.test(code)) ? unusable(error as Error) : error;
}

function unusable({ message }: Error): UnavailableError {
  return new UnavailableError(`The store cannot be used: ${message.replace(/\.$/, "")}.`);
}
