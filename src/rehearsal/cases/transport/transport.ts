import type { RehearsalCase } from "../../case.ts";

export const transportCases: readonly RehearsalCase[] = [];
