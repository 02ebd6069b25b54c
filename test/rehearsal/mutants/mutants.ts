import { answersMutants } from "./answers.ts";
import { forgedMutants } from "./forged.ts";
import { hygieneMutants } from "./hygiene.ts";
import { keysMutants } from "./keys.ts";
import { moneyMutants } from "./money.ts";
import type { Mutant } from "./mutant.ts";
import { orderMutants } from "./order.ts";
import { outageMutants } from "./outage.ts";
import { outcomesMutants } from "./outcomes.ts";
import { refundsMutants } from "./refunds.ts";
import { returnMutants } from "./return.ts";
import { transportMutants } from "./transport.ts";

/** Every mutant. Each case has at least one. */
export const mutants: readonly Mutant[] = [
  ...outcomesMutants,
  ...orderMutants,
  ...outageMutants,
  ...forgedMutants,
  ...transportMutants,
  ...returnMutants,
  ...answersMutants,
  ...refundsMutants,
  ...moneyMutants,
  ...keysMutants,
  ...hygieneMutants,
];
