/** The one in the middle. */
export function median(values: readonly number[]): number {
  return values.toSorted((left, right) => left - right)[Math.floor(values.length / 2)] ?? Number.NaN;
}

/** Does the work so many times, so many at once. @returns how many times a second. */
export async function rateOf(
  times: number,
  atOnce: number,
  work: (index: number) => Promise<unknown>,
): Promise<number> {
  let begun = 0;
  const beganTime = performance.now();
  const goOn = async () => {
    while (begun < times) {
      begun += 1;
      await work(begun);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, goOn));
  return (times / (performance.now() - beganTime)) * 1000;
}
