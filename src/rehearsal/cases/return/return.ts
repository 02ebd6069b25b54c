import type { RehearsalCase } from "../../case.ts";
import { returnBeforeWebhook, returnByPost, returnInAnotherBrowser } from "./answered.ts";
import { returnCrossed } from "./crossed.ts";
import { returnLies } from "./lies.ts";
import { returnNever, returnTwice } from "./once.ts";

export const returnCases: readonly RehearsalCase[] = [
  returnLies,
  returnCrossed,
  returnByPost,
  returnNever,
  returnTwice,
  returnInAnotherBrowser,
  returnBeforeWebhook,
];
