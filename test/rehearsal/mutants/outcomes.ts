import type { Mutant } from "./mutant.ts";

export const outcomesMutants: readonly Mutant[] = [
  {
    fails: ["paid_by_qr", "paid_on_phone"],
    file: "orders.mjs",
    find: 'const paidStatuses = ["captured", "partially_refunded", "refunded"];',
    replace: 'const paidStatuses = ["approved"];',
  },
];
