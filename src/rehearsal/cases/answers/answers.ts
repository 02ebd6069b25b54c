import type { RehearsalCase } from "../../case.ts";

export const answersCases: readonly RehearsalCase[] = [];
