/** The value in the middle. */
export function median(values: readonly number[]): number {
  return values.toSorted((left, right) => left - right)[Math.floor(values.length / 2)] ?? Number.NaN;
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
