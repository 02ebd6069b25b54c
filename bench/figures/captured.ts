import { writeFileSync } from "node:fs";
import { newFile } from "../load/request-files.ts";
import { inTurns } from "../measuring.ts";
import { startProgram } from "../processes.ts";
import { seedCreate } from "../targets/payment.ts";
import { sandbox } from "../targets/sandbox.ts";
import { withTarget } from "../targets/target.ts";
import { type Bench, cannot, type Figure } from "./figure.ts";

const receivers = [
  { name: "sandbox", title: "this sandbox, the receiver answers at once", delayMs: 0 },
  { name: "sandbox-slow", title: "this sandbox, the receiver takes 1 s", delayMs: 1_000 },
];

/** A create that is captured at once, because the settings have no delay. */
export const capturedCreate = { ...seedCreate, headers: { ...seedCreate.headers, "X-Sandbox-Scenario": "paid" } };

/** A configuration in which outcomes have no delay. @returns the path of the file. */
export function immediateOutcomes(): string {
  const file = newFile("sandbox.json");
  writeFileSync(file, JSON.stringify({ settings: { outcomeDelay: "PT0S" } }));
  return file;
}

export const captured: Figure = async (bench) => {
  const values = await inTurns(bench.scale.turns, receivers, ({ delayMs }) => rateWith(delayMs, bench));
  return [
    {
      name: "captured",
      title: "Creates that are captured at once",
      unit: "per second",
      better: "higher",
      rows: [
        ...receivers.map(({ name, title }, index) => ({ name, title, value: values[index] ?? ("cannot" as const) })),
        ...cannot(bench.peers),
      ],
      notes: [
        "Each of them sends a webhook. emulate captures nothing at once, and stripe-stateful-mock has no webhooks.",
      ],
    },
  ];
};

async function rateWith(delayMs: number, { generator, scale }: Bench): Promise<number> {
  const receiver = await startProgram("receiver", [String(delayMs)]);
  try {
    const target = sandbox(["--webhook-url", receiver.line, "--config", immediateOutcomes()]);
    return await withTarget(target, async ({ url }) => {
      const load = { url, requests: [capturedCreate] };
      await generator.warmUp(load, scale.warmUpSeconds);
      return generator.rate(load, scale.seconds);
    });
  } finally {
    await receiver.stop();
  }
}
