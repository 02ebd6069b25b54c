import type { Mutant } from "./mutant.ts";

export const orderMutants: readonly Mutant[] = [
  {
    fails: ["webhook_and_return_together"],
    file: "exemplary.mjs",
    find: 'const { status, body } = await call("GET", `/v1/payments/',
    replace:
      "if (attempt.captured > 0) return; setTimeout(() => { attempt.captured = 0; }); " +
      'const { status, body } = await call("GET", `/v1/payments/',
  },
];
