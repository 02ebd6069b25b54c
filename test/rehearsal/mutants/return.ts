import type { Mutant } from "./mutant.ts";

export const returnMutants: readonly Mutant[] = [];
