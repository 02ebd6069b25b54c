import type { RehearsalCase } from "../../case.ts";
import { exactAmounts } from "./amounts.ts";
import { booksAgree } from "./books-agree.ts";
import { changedCart, goodsAfterMoney, stockBackOnce } from "./goods.ts";

export const moneyCases: readonly RehearsalCase[] = [
  ...exactAmounts,
  goodsAfterMoney,
  changedCart,
  stockBackOnce,
  booksAgree,
];
