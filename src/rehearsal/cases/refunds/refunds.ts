import type { RehearsalCase } from "../../case.ts";
import { refundsAtProvider } from "./at-provider.ts";
import { refundFails, refundFailsLate } from "./failing.ts";
import { refundAnswerLost, refundDoubleClick } from "./interrupted.ts";
import { refundPart, refundSecondPart, refundWhole } from "./whole-and-part.ts";

export const refundsCases: readonly RehearsalCase[] = [
  refundWhole,
  refundPart,
  refundSecondPart,
  refundFails,
  refundFailsLate,
  refundAnswerLost,
  refundDoubleClick,
  ...refundsAtProvider,
];
