import type { Mutant } from "./mutant.ts";

export const keysMutants: readonly Mutant[] = [];
