import type { HttpRequest } from "../load/http-request.ts";
import { manyInTurns } from "../measuring.ts";
import { residentMegabytes } from "../processes.ts";
import { exactly, type Result, type Value } from "../report/result.ts";
import { get, seedCreate, seedPayment } from "../targets/payment.ts";
import { sandbox } from "../targets/sandbox.ts";
import { createSome, type RunningTarget, start } from "../targets/target.ts";
import { capturedCreate, immediateOutcomes } from "./captured.ts";
import type { Bench, Figure } from "./figure.ts";

/** One payment in a thousand is captured, and each reference belongs to one in a thousand. */
const references = 1_000;
/** Payments that are read by id. */
const readIds = 320;

/** A world of some size, and the measures that are taken of it. */
interface World {
  readonly size: number;
  readonly running: RunningTarget;
  readonly ids: readonly string[];
}

interface Measure {
  readonly name: string;
  readonly title: string;
  readonly requests: (world: World) => HttpRequest[];
  readonly connections: number;
}

const fills = Array.from({ length: references }, (_, index): HttpRequest => {
  const { headers } = index === 0 ? capturedCreate : seedCreate;
  return { ...seedCreate, headers, body: JSON.stringify({ ...seedPayment, merchantReference: `reference-${index}` }) };
});

function page(name: string, title: string, query: string): Measure {
  return { name, title, connections: 8, requests: () => [get(`/v1/payments?${query}`)] };
}

const measures: readonly Measure[] = [
  {
    name: "growth-reads",
    title: "Reads by id",
    connections: 32,
    requests: ({ ids }) => ids.map((id) => get(`/v1/payments/${id}`)),
  },
  page("growth-first-page", "First page of 100 payments", "limit=100"),
  page("growth-status", "One payment of a rare status", "limit=1&status=captured"),
  page("growth-reference", "One payment of a reference", "limit=1&merchantReference=reference-500"),
  page("growth-empty", "Page of an empty period", "limit=100&toTime=2020-01-01T00:00:00Z"),
  {
    name: "growth-advance",
    title: "Advances of the clock in which nothing is due",
    // One millisecond at a time, so that no payment expires. Two advances at once are refused.
    connections: 1,
    requests: () => [{ ...seedCreate, path: "/_sandbox/clock/advance", body: JSON.stringify({ by: "PT0.001S" }) }],
  },
];

export const growth: Figure = async (bench) => {
  const target = sandbox(["--clock", "2026-01-05T09:00:00Z", "--config", immediateOutcomes()]);
  const worlds: World[] = [];
  const tooLarge: number[] = [];
  try {
    for (const size of bench.scale.growthSizes) {
      const running = await start(target);
      try {
        await Promise.race([bench.generator.send({ url: running.url, requests: fills }, size), running.failed]);
        worlds.push({ size, running, ids: await createSome(running, target, readIds) });
      } catch {
        await running.stop();
        tooLarge.push(size);
      }
    }
    const memories = worlds.map(({ running }) => residentMegabytes(running.pid));
    const rates = await manyInTurns(bench.scale.turns, worlds, (world) => ratesOf(world, bench));
    const rowsOf = (valueAt: (index: number) => Value) => [
      ...worlds.map(({ size }, index) => ({ ...rowOf(size), value: valueAt(index) })),
      ...tooLarge.map((size) => ({ ...rowOf(size), value: "cannot" as const })),
    ];
    return [
      ...measures.map(
        ({ name, title, connections }, place): Result => ({
          name,
          title: `${title}, by the size of the world`,
          unit: "per second",
          better: "higher",
          rows: rowsOf((index) => rates[index]?.[place] ?? "cannot"),
          notes: [connections === 1 ? "One connection." : `${connections} connections.`],
        }),
      ),
      {
        name: "growth-memory",
        title: "Resident memory, by the size of the world",
        unit: "MB",
        better: "lower",
        rows: rowsOf((index) => exactly(memories[index] ?? Number.NaN)),
        notes: ["Right after the payments were created, with Node's own limit of the heap."],
      },
    ];
  } finally {
    await Promise.all(worlds.map(({ running }) => running.stop()));
  }
};

function rowOf(size: number) {
  return { name: String(size), title: `${size.toLocaleString("en")} payments` };
}

async function ratesOf(world: World, { generator, scale }: Bench): Promise<number[]> {
  const rates: number[] = [];
  for (const { requests, connections } of measures) {
    const load = { url: world.running.url, requests: requests(world), connections };
    rates.push(await generator.rate(load, scale.seconds));
  }
  return rates;
}
