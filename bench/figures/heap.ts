import { inTurns } from "../measuring.ts";
import { runProgram } from "../processes.ts";
import { seedCreate } from "../targets/payment.ts";
import type { Figure } from "./figure.ts";

const states = [
  { name: "pending", title: "a pending payment" },
  { name: "paid", title: "a payment that is paid and notified" },
];

export const heap: Figure = async ({ scale }) => {
  const values = await inTurns(scale.turns, states, ({ name }) =>
    runProgram<number>("heap", [name, String(scale.heapPayments), seedCreate.body], { nodeFlags: ["--expose-gc"] }),
  );
  const payments = scale.heapPayments.toLocaleString("en");
  return [
    {
      name: "heap",
      title: "Heap of the sandbox",
      unit: "bytes a payment",
      better: "lower",
      rows: states.map(({ name, title }, index) => ({ name, title, value: values[index] ?? "cannot" })),
      notes: [
        `Heap and external memory after a collection, ${payments} payments in process, no idempotency key.`,
        "The request log, which is bounded, is full before the measurement begins.",
      ],
    },
  ];
};
