import type { RehearsalCase } from "../../case.ts";

export const returnCases: readonly RehearsalCase[] = [];
