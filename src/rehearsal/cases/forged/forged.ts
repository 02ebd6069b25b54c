import type { RehearsalCase } from "../../case.ts";
import { unsigned } from "./algorithm-none.ts";

export const forgedCases: readonly RehearsalCase[] = [...unsigned];
