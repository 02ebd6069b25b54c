import { createHash } from "node:crypto";

/** Numbers that a seed decides. */
export interface Random {
  /** An integer from 0 to `max` - 1. */
  below(max: number): number;
  /** The items in another order. */
  shuffled<T>(items: readonly T[]): T[];
}

/** @param seed the same seed gives the same numbers. */
export function seededRandom(seed: string): Random {
  let counter = 0;
  const below = (max: number) => {
    const digest = createHash("sha256").update(`${seed} ${counter++}`).digest();
    return digest.readUIntBE(0, 6) % max;
  };
  const shuffled = <T>(items: readonly T[]): T[] => {
    const result = [...items];
    for (let last = result.length - 1; last > 0; last -= 1) {
      const other = below(last + 1);
      [result[last], result[other]] = [result[other] as T, result[last] as T];
    }
    return result;
  };
  return { below, shuffled };
}
