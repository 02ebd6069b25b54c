import { createHmac, randomFillSync } from "node:crypto";
import { customRandom, urlAlphabet } from "nanoid";
import { ksuidOf } from "../domain/ksuid.ts";

/** Generator of ids and opaque tokens. */
export interface Ids {
  /** A KSUID. @param time in milliseconds; the KSUID contains it in seconds. */
  ksuid(kind: string, processingAccountId: string, time: number): string;
  /** An opaque token: 24 characters of base64url, 144 bits. */
  token(kind: string, processingAccountId: string): string;
  /** Whether ids are derived from their count; if not, they are random. */
  readonly areCounted: boolean;
  /** Resets the counters of a world, except for the kinds in `kept`, or those of every world. */
  restart(processingAccountId?: string, kept?: readonly string[]): void;
  /** Number of ids that a world got, by kind. Random ids are not counted: then these are the restored counters. */
  counters(processingAccountId: string): Readonly<Record<string, number>>;
  /** Sets the counters of a world. */
  restore(processingAccountId: string, counters: Readonly<Record<string, number>>): void;
}

/** Number of ids by world and kind. */
type Counters = Map<string, Map<string, number>>;

/** How ids are written. */
type Texts = Pick<Ids, "ksuid" | "token" | "areCounted">;

function idsFrom(texts: Texts, counters: Counters): Ids {
  return {
    ...texts,
    restart(world, kept = []) {
      if (world === undefined) return counters.clear();
      for (const kind of counters.get(world)?.keys() ?? []) if (!kept.includes(kind)) counters.get(world)?.delete(kind);
    },
    counters: (world) => Object.fromEntries([...(counters.get(world) ?? [])].sort(([a], [b]) => (a < b ? -1 : 1))),
    restore: (world, restored) => void counters.set(world, new Map(Object.entries(restored))),
  };
}

/** Bytes of randomness that are taken from the operating system at once. */
const poolBytes = 8192;

export function randomIds(): Ids {
  const pool = Buffer.alloc(poolBytes);
  let used = poolBytes;
  /** Reserves bytes of the pool, each of which is used once. @returns the offset of the first. */
  const take = (count: number): number => {
    if (used + count > poolBytes) {
      randomFillSync(pool);
      used = 0;
    }
    used += count;
    return used - count;
  };
  const texts: Texts = {
    areCounted: false,
    ksuid: (_kind, _world, time) => ksuidOf(time, pool, take(16)),
    token() {
      const start = take(18);
      return pool.toString("base64url", start, start + 18);
    },
  };
  return idsFrom(texts, new Map());
}

/** Ids derived from (seed, world, kind, counter): the same calls give the same ids. */
export function seededIds(seed: string): Ids {
  const counters: Counters = new Map();
  const bytes = (kind: string, world: string, count: number): Buffer => {
    const ofWorld = counters.get(world) ?? new Map<string, number>();
    const counter = (ofWorld.get(kind) ?? 0) + 1;
    counters.set(world, ofWorld.set(kind, counter));
    const block = (index: number) =>
      createHmac("sha256", seed)
        .update(JSON.stringify([world, kind, counter, index]))
        .digest();
    return Buffer.concat(Array.from({ length: Math.ceil(count / 32) }, (_, index) => block(index))).subarray(0, count);
  };
  const texts: Texts = {
    areCounted: true,
    ksuid: (kind, world, time) => ksuidOf(time, bytes(kind, world, 16)),
    token: (kind, world) => customRandom(urlAlphabet, 24, (count) => bytes(kind, world, count))(),
  };
  return idsFrom(texts, counters);
}
