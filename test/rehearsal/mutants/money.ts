import type { Mutant } from "./mutant.ts";

export const moneyMutants: readonly Mutant[] = [];
