import type { RehearsalCase } from "../../case.ts";

export const keysCases: readonly RehearsalCase[] = [];
