/** The value in the middle, or the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((left, right) => left - right);
  const at = (place: number) => sorted[Math.floor(place)] ?? Number.NaN;
  return (at((sorted.length - 1) / 2) + at(sorted.length / 2)) / 2;
}

/** Runs the work `times` times, at most `concurrency` at once. @returns runs per second. */
export async function rateOf(
  times: number,
  concurrency: number,
  work: (index: number) => Promise<unknown>,
): Promise<number> {
  let started = 0;
  const startTime = performance.now();
  const runNext = async () => {
    while (started < times) {
      started += 1;
      await work(started);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, runNext));
  return (times / (performance.now() - startTime)) * 1000;
}
