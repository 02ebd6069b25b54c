/** Random numbers that depend only on the seed. */
export interface Dice {
  /** Returns true with this probability. */
  happens(probability: number): boolean;
  /** Returns a whole number from `least` to `most`. */
  from(least: number, most: number): number;
  pick<T>(of: readonly T[]): T;
  /** Returns independent dice for this name. */
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
      if (picked === undefined) throw new Error("cannot pick from an empty list");
      return picked;
    },
    of: (name) => newDice(`${seed} ${name}`),
  };
}
