import { freePort } from "../../scripts/free-port.ts";
import { type ReplicaPlace, type RunningReplica, startReplica } from "../../scripts/replicas.ts";
import type { Dice } from "../support/dice.ts";

/** A forced end of a replica or of the database. */
export interface Outage {
  readonly what: string;
  readonly time: number;
}

/** Name of the database in an outage. */
export const databaseOutage = "the database";

/** Maximum time until a restarted replica serves, including failed starts, in milliseconds. */
const startMaxMs = 30_000;

const defectLinesMax = 8;

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Replicas that are killed and started again, each at its fixed address. */
export class Fleet {
  readonly outages: Outage[] = [];
  /** Defects that replicas logged. */
  readonly defects: string[] = [];
  readonly #places: readonly ReplicaPlace[];
  readonly #running: RunningReplica[] = [];

  private constructor(places: readonly ReplicaPlace[]) {
    this.#places = places;
  }

  static async start(count: number, place: Omit<ReplicaPlace, "port">): Promise<Fleet> {
    const ports = await Promise.all(Array.from({ length: count }, freePort));
    const fleet = new Fleet(ports.map((port) => ({ ...place, port })));
    try {
      // Concurrent starts: the first one creates the schema.
      await Promise.all(ports.map((_, index) => fleet.#startAt(index)));
    } catch (error) {
      await fleet.stop();
      throw error;
    }
    return fleet;
  }

  get urls(): readonly string[] {
    return this.#places.map(({ port }) => `http://127.0.0.1:${port}`);
  }

  /** Kills a random replica, and starts it again after a while. @returns its number. */
  async killOne(dice: Dice): Promise<number> {
    const index = dice.from(0, this.#places.length - 1);
    this.outages.push({ what: `replica ${index + 1}`, time: Date.now() });
    await this.#running[index]?.kill();
    await pause(dice.from(200, 1_500));
    await this.#restartAt(index);
    return index + 1;
  }

  /** Returns the URLs of the replicas that are not ready. */
  async unready(): Promise<string[]> {
    const ready = await Promise.all(
      this.urls.map((url) =>
        fetch(`${url}/_sandbox/ready`).then(
          ({ ok }) => ok,
          () => false,
        ),
      ),
    );
    return this.urls.filter((_, index) => ready[index] !== true);
  }

  async stop(): Promise<void> {
    await Promise.all(this.#running.map((replica) => replica.kill()));
  }

  /** Starts a replica, and repeats the start while the database is unavailable. */
  async #restartAt(index: number): Promise<void> {
    const untilTime = Date.now() + startMaxMs;
    for (;;) {
      try {
        return await this.#startAt(index);
      } catch (error) {
        if (Date.now() >= untilTime) throw error;
        await pause(500);
      }
    }
  }

  async #startAt(index: number): Promise<void> {
    const place = this.#places[index];
    if (place === undefined) throw new Error(`there is no replica ${index}`);
    this.#running[index] = await startReplica(place, ({ event, message }) => {
      if (event === "defect") this.defects.push(`replica ${index + 1}: ${shortened(message)}`);
    });
  }
}

/** Returns the first lines of a message and its stack. */
function shortened(message: string): string {
  const lines = message.split("\n").map((line) => line.trim());
  return lines
    .filter((line) => line !== "")
    .slice(0, defectLinesMax)
    .join(" | ");
}
