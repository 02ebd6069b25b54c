import type { RehearsalCase } from "../../case.ts";

export const refundsCases: readonly RehearsalCase[] = [];
