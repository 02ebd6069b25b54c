import type { Sample } from "./server.ts";

/** Growth that is not judged: caches that fill, and code that is compiled late. */
const heapSlack = 12_000_000;
const heapFactor = 1.1;
/** Connections stay open for some seconds, and how many there are depends on what the merchants do. */
const handlesSlack = 100;

/** What grew from the first half of the samples to the second, as sentences. The first fifth is the warm-up. */
export function growthIn(samples: readonly Sample[]): string[] {
  const judged = samples.slice(Math.ceil(samples.length / 5));
  const half = Math.floor(judged.length / 2);
  const [early, late] = [judged.slice(0, half), judged.slice(half)];
  const grown: string[] = [];
  const compare = (name: string, of: (sample: Sample) => number, factor: number, slack: number) => {
    const [before, after] = [median(early.map(of)), median(late.map(of))];
    if (after > before * factor + slack) grown.push(`${name} grew from ${Math.round(before)} to ${Math.round(after)}`);
  };
  compare("the heap", ({ heapUsed }) => heapUsed, heapFactor, heapSlack);
  compare("the number of handles", ({ handles }) => handles, 1, handlesSlack);
  compare("the number of descriptors", ({ descriptors }) => descriptors, 1, handlesSlack);
  return grown;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
