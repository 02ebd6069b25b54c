import { manyInTurns } from "../measuring.ts";
import { startProgram } from "../processes.ts";
import type { Result } from "../report/result.ts";
import { honoFloor, nodeFloor } from "../targets/floors.ts";
import { sandbox } from "../targets/sandbox.ts";
import { createSome, type Target, withTarget } from "../targets/target.ts";
import type { Bench, Figure } from "./figure.ts";

/** Payments that are read in a turn. */
const readIds = 480;

export const throughput: Figure = async (bench) => {
  const receiver = await startProgram("receiver", ["0"]);
  try {
    const targets = [nodeFloor, honoFloor, sandbox(["--webhook-url", receiver.line]), ...bench.peers];
    const values = await manyInTurns(bench.scale.turns, targets, (target) => ratesOf(target, bench));
    const result = (name: string, title: string, place: number, notes: readonly string[]): Result => ({
      name,
      title,
      unit: "per second",
      better: "higher",
      rows: targets.map((target, index) => ({
        name: target.name,
        title: target.title,
        value: values[index]?.[place] ?? "cannot",
      })),
      notes,
    });
    return [
      result("creates", "Creates", 0, [
        "32 connections, no signature, the provider's own example as the body.",
        "emulate creates payment intents, and stripe-stateful-mock charges.",
      ]),
      result("reads", "Reads by id", 1, [`32 connections, ${readIds} payments in turns.`]),
    ];
  } finally {
    await receiver.stop();
  }
};

function ratesOf(target: Target, { generator, scale }: Bench): Promise<number[]> {
  return withTarget(target, async (running) => {
    const creates = { url: running.url, requests: target.creates };
    await generator.warmUp(creates, scale.warmUpSeconds);
    const createRate = await generator.rate(creates, scale.seconds);
    const ids = await createSome(running, target, readIds);
    const reads = { url: running.url, requests: ids.map((id) => target.read(id)) };
    return [createRate, await generator.rate(reads, scale.seconds)];
  });
}
