import type { RehearsalCase } from "../../case.ts";
import { unsigned } from "./algorithm-none.ts";
import { attachedPayload, changedByte } from "./changed-body.ts";
import { failedCreate, lostCreate } from "./no-own-payment.ts";
import { retiredKey } from "./retired-key.ts";
import { wrongClaimCases } from "./wrong-claims.ts";
import { wrongKeyCases } from "./wrong-key.ts";
import { idInOtherCase, oneDollar, referenceInOtherCase, siblingAccount } from "./wrong-payment.ts";

export const forgedCases: readonly RehearsalCase[] = [
  ...unsigned,
  ...wrongKeyCases,
  changedByte,
  attachedPayload,
  ...wrongClaimCases,
  retiredKey,
  oneDollar,
  failedCreate,
  lostCreate,
  siblingAccount,
  idInOtherCase,
  referenceInOtherCase,
];
