import type { RehearsalCase } from "../../case.ts";
import { createCases } from "./create.ts";
import { lostForGood } from "./lost-for-good.ts";
import { readCases } from "./reads.ts";
import { createRedirectChanged, createWrongSignature } from "./unsigned-create.ts";

export const answersCases: readonly RehearsalCase[] = [
  ...createCases,
  lostForGood,
  createWrongSignature,
  createRedirectChanged,
  ...readCases,
];
