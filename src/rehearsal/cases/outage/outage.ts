import type { RehearsalCase } from "../../case.ts";
import { apiDownAtReturn, apiDownAtWebhook } from "./api-down.ts";
import { killedAtAnswer, killedInTheMiddle, restartedBetweenDuplicates } from "./killed.ts";

export const outageCases: readonly RehearsalCase[] = [
  apiDownAtWebhook,
  apiDownAtReturn,
  killedAtAnswer,
  killedInTheMiddle,
  restartedBetweenDuplicates,
];
