import type { RehearsalCase } from "./case.ts";
import { answersCases } from "./cases/answers/answers.ts";
import { forgedCases } from "./cases/forged/forged.ts";
import { hygieneCases } from "./cases/hygiene/hygiene.ts";
import { keysCases } from "./cases/keys/keys.ts";
import { moneyCases } from "./cases/money/money.ts";
import { orderCases } from "./cases/order/order.ts";
import { outageCases } from "./cases/outage/outage.ts";
import { outcomesCases } from "./cases/outcomes/outcomes.ts";
import { refundsCases } from "./cases/refunds/refunds.ts";
import { returnCases } from "./cases/return/return.ts";
import { transportCases } from "./cases/transport/transport.ts";

/** Every case, in the order of the reports. */
export const cases: readonly RehearsalCase[] = [
  ...outcomesCases,
  ...orderCases,
  ...outageCases,
  ...forgedCases,
  ...transportCases,
  ...returnCases,
  ...answersCases,
  ...refundsCases,
  ...moneyCases,
  ...keysCases,
  ...hygieneCases,
];
