import type { RehearsalCase } from "../../case.ts";

export const hygieneCases: readonly RehearsalCase[] = [];
