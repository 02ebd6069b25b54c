import type { Mutant } from "./mutant.ts";

export const refundsMutants: readonly Mutant[] = [];
