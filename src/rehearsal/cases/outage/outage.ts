import type { RehearsalCase } from "../../case.ts";

export const outageCases: readonly RehearsalCase[] = [];
