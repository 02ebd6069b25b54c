/** Chance that comes out the same for the same seed. */
export interface Dice {
  /** Whether something happens that does so with this probability. */
  happens(probability: number): boolean;
  /** A whole number from one to the other. */
  from(least: number, most: number): number;
  pick<T>(of: readonly T[]): T;
  /** Dice of somebody's own, whose throws do not depend on how often others throw. */
  of(name: string): Dice;
}

export function newDice(seed: string): Dice {
  let state = 2166136261;
  for (const byte of Buffer.from(seed)) state = Math.imul(state ^ byte, 16777619);
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
  const from = (least: number, most: number) => least + Math.floor(next() * (most - least + 1));
  return {
    happens: (probability) => next() < probability,
    from,
    pick: (of) => {
      const picked = of[from(0, of.length - 1)];
      if (picked === undefined) throw new Error("there is nothing to pick from");
      return picked;
    },
    of: (name) => newDice(`${seed} ${name}`),
  };
}
