import type { Mutant } from "./mutant.ts";

export const orderMutants: readonly Mutant[] = [
  {
    fails: ["webhook_and_return_together"],
    file: "exemplary.mjs",
    find: 'const { status, body } = await call("GET", `/v1/payments/${attempt.paymentId}`);',
    replace:
      "if (attempt.captured > 0) return; " +
      'const { status, body } = await call("GET", `/v1/payments/${attempt.paymentId}`); attempt.captured = 0;',
  },
];
