import type { Mutant } from "./mutant.ts";

export const hygieneMutants: readonly Mutant[] = [];
