import { setTimeout as sleep } from "node:timers/promises";
import { manyInTurns } from "../measuring.ts";
import { residentMegabytes } from "../processes.ts";
import { honoFloor, nodeFloor } from "../targets/floors.ts";
import { sandbox } from "../targets/sandbox.ts";
import { type Target, withTarget } from "../targets/target.ts";
import type { Bench, Figure } from "./figure.ts";

/** Time in which a process settles, in milliseconds. */
const settleMs = 1_000;

export const memory: Figure = async (bench) => {
  const targets = [nodeFloor, honoFloor, sandbox(), ...bench.peers];
  const values = await manyInTurns(bench.scale.turns, targets, (target) => megabytesOf(target, bench));
  const payments = bench.scale.memoryPayments.toLocaleString("en");
  return ["memory-idle", "memory-filled"].map((name, place) => ({
    name,
    title: place === 0 ? "Resident memory, idle" : `Resident memory after ${payments} payments`,
    unit: "MB",
    better: "lower",
    rows: targets.map((target, index) => ({
      name: target.name,
      title: target.title,
      value: values[index]?.[place] ?? "cannot",
    })),
    notes: [],
  }));
};

function megabytesOf(target: Target, { generator, scale }: Bench): Promise<number[]> {
  return withTarget(target, async ({ url, pid }) => {
    await sleep(settleMs);
    const idle = residentMegabytes(pid);
    await generator.send({ url, requests: target.creates }, scale.memoryPayments);
    await sleep(settleMs);
    return [idle, residentMegabytes(pid)];
  });
}
