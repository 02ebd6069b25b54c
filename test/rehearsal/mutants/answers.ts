import type { Mutant } from "./mutant.ts";

export const answersMutants: readonly Mutant[] = [];
