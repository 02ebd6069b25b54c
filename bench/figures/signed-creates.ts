import { signCreates } from "../load/signed.ts";
import { measurementOf } from "../measuring.ts";
import { startProgram } from "../processes.ts";
import { signedFloor } from "../targets/floors.ts";
import { sandbox } from "../targets/sandbox.ts";
import { withTarget } from "../targets/target.ts";
import { cannot, type Figure } from "./figure.ts";

export const signedCreates: Figure = async ({ generator, scale, keys, peers }) => {
  const receiver = await startProgram("receiver", ["0"]);
  const flags = ["--webhook-url", receiver.line, "--auth", "require"];
  const targets = [signedFloor(keys.publicKey), sandbox(flags, "this sandbox, --auth require")];
  const rates = targets.map(() => [] as number[]);
  try {
    for (let turn = 0; turn < scale.turns; turn += 1) {
      // Each target starts anew, so the same requests are distinct for each of them.
      const requests = await signCreates(scale.signedWarmUps + scale.signedRequests, keys);
      for (const [index, target] of targets.entries()) {
        const rate = await withTarget({ ...target, creates: requests.slice(0, 1) }, async ({ url }) => {
          const warmUps = requests.slice(1, scale.signedWarmUps);
          await generator.warmUp({ url, requests: warmUps, once: true }, scale.warmUpSeconds);
          const measured = requests.slice(scale.signedWarmUps);
          return generator.rate({ url, requests: measured, once: true }, scale.signedSeconds);
        });
        rates[index]?.push(rate);
      }
    }
  } finally {
    await receiver.stop();
  }
  const rows = targets.map(({ name, title }, index) => ({ name, title, value: measurementOf(rates[index] ?? []) }));
  const prepared = scale.signedRequests.toLocaleString("en");
  return [
    {
      name: "signed",
      title: "Signed creates",
      unit: "per second",
      better: "higher",
      rows: [...rows, ...cannot(peers)],
      notes: [`${prepared} distinct requests are signed before each turn, and no target gets one twice.`],
    },
  ];
};
