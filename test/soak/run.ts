import { connectSandbox } from "../../src/index.ts";
import { newDice } from "../support/dice.ts";
import { noCounts } from "./counts.ts";
import { growthIn } from "./growth.ts";
import { workUntil } from "./merchant.ts";
import { type Sample, startServer } from "./server.ts";

const merchants = 6;
const samplePauseMs = 5_000;

export interface SoakOptions {
  readonly minutes: number;
  readonly seed: string;
  readonly print: (line: string) => void;
}

/** Uses one running sandbox for a while, and returns all rules that were broken, as sentences. */
export async function runSoak({ minutes, seed, print }: SoakOptions): Promise<string[]> {
  const server = await startServer();
  const sandbox = await connectSandbox(server.url);
  const counts = noCounts();
  const samples: Sample[] = [];
  const atStart = await server.sample();
  const endTime = performance.now() + minutes * 60_000;
  const isOver = () => performance.now() >= endTime;
  print("   heap MB    rss MB  delay p99 ms   max ms  handles      fds   payments  webhooks");
  const work = Array.from({ length: merchants }, (_, index) =>
    workUntil(isOver, sandbox, newDice(`${seed} ${index}`), counts).catch((error: unknown) => {
      counts.wrong.push(`merchant ${index}: ${error instanceof Error ? (error.stack ?? error.message) : error}`);
    }),
  );
  while (!isOver()) {
    await new Promise((resolve) => setTimeout(resolve, Math.min(samplePauseMs, endTime - performance.now())));
    const sample = await server.sample();
    samples.push(sample);
    print(rowOf(sample, counts.payments, counts.delivered));
  }
  await Promise.all(work);
  await sandbox.close();
  const atEnd = await server.sample();
  print(rowOf(atEnd, counts.payments, counts.delivered));
  const { wrong, ...numbers } = counts;
  for (const [name, count] of Object.entries(numbers)) print(`${String(count).padStart(10)}  ${name}`);
  const { code, errors } = await server.stop();
  return [
    ...wrong,
    ...growthIn(samples),
    ...(counts.worlds === counts.removals ? [] : [`${counts.worlds - counts.removals} worlds were not removed`]),
    ...(atEnd.handles > atStart.handles + merchants * 4 ? [`${atEnd.handles} handles are open at the end`] : []),
    ...(code === 0 ? [] : [`the program ended with ${code}`]),
    ...(errors === "" ? [] : [`the program wrote: ${errors}`]),
  ];
}

function rowOf({ heapUsed, rss, delayP99Ms, delayMaxMs, handles, descriptors }: Sample, ...counts: number[]): string {
  const cells: readonly [text: string, width: number][] = [
    [(heapUsed / 1e6).toFixed(1), 10],
    [(rss / 1e6).toFixed(1), 10],
    [delayP99Ms.toFixed(1), 14],
    [delayMaxMs.toFixed(1), 9],
    [String(handles), 9],
    [String(descriptors), 9],
    ...counts.map((count): [string, number] => [String(count), 10]),
  ];
  return cells.map(([text, width]) => text.padStart(width)).join("");
}
