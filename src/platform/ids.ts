import { createHmac, randomBytes } from "node:crypto";
import KSUID from "ksuid";
import { customRandom, urlAlphabet } from "nanoid";

/** Makes ids and opaque tokens. */
export interface Ids {
  /** A KSUID. @param time milliseconds; KSUIDs carry it in seconds. */
  ksuid(kind: string, processingAccountId: string, time: number): string;
  /** An opaque base64url text of 24 characters, 144 bits. */
  token(kind: string, processingAccountId: string): string;
  /** Starts a world's ids afresh, or every world's. */
  restart(processingAccountId?: string): void;
}

type Bytes = (kind: string, processingAccountId: string, count: number) => Buffer;

function idsFrom(bytes: Bytes, restart: Ids["restart"]): Ids {
  return {
    ksuid: (kind, world, time) => KSUID.fromParts(time, bytes(kind, world, 16)).string,
    token: (kind, world) => customRandom(urlAlphabet, 24, (count) => bytes(kind, world, count))(),
    restart,
  };
}

export function randomIds(): Ids {
  return idsFrom(
    (_kind, _world, count) => randomBytes(count),
    () => undefined,
  );
}

/** Ids that follow from (seed, world, kind, counter): the same calls give the same ids. */
export function seededIds(seed: string): Ids {
  const counters = new Map<string, Map<string, number>>();
  const bytes: Bytes = (kind, world, count) => {
    const ofWorld = counters.get(world) ?? new Map<string, number>();
    const counter = (ofWorld.get(kind) ?? 0) + 1;
    counters.set(world, ofWorld.set(kind, counter));
    const block = (index: number) =>
      createHmac("sha256", seed)
        .update(JSON.stringify([world, kind, counter, index]))
        .digest();
    return Buffer.concat(Array.from({ length: Math.ceil(count / 32) }, (_, index) => block(index))).subarray(0, count);
  };
  return idsFrom(bytes, (world) => (world === undefined ? counters.clear() : counters.delete(world)));
}
