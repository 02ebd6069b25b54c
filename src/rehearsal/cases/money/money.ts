import type { RehearsalCase } from "../../case.ts";

export const moneyCases: readonly RehearsalCase[] = [];
