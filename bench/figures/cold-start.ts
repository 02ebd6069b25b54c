import { inTurns } from "../measuring.ts";
import { honoFloor, nodeFloor } from "../targets/floors.ts";
import { sandbox } from "../targets/sandbox.ts";
import { withTarget } from "../targets/target.ts";
import type { Figure } from "./figure.ts";

export const coldStart: Figure = async ({ scale, peers }) => {
  const targets = [nodeFloor, honoFloor, sandbox(), ...peers];
  const values = await inTurns(scale.startTurns, targets, (target) => withTarget(target, async (it) => it.startMs));
  return [
    {
      name: "start",
      title: "Cold start",
      unit: "ms",
      better: "lower",
      rows: targets.map(({ name, title }, index) => ({ name, title, value: values[index] ?? "cannot" })),
      notes: ["From the start of the process to the first successful create."],
    },
  ];
};
