import { median } from "../scripts/measuring.ts";

/** The median of several turns, with the least and the greatest. */
export interface Measurement {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

export function measurementOf(values: readonly number[]): Measurement {
  return { median: median(values), min: Math.min(...values), max: Math.max(...values) };
}

/**
 * Measures each subject once a turn: A B C, A B C, and so on, so that a slow minute of the machine is shared by all.
 * @returns the measurements in the order of the subjects.
 */
export async function inTurns<S>(
  turns: number,
  subjects: readonly S[],
  measure: (subject: S) => Promise<number>,
): Promise<Measurement[]> {
  const all = await manyInTurns(turns, subjects, async (subject) => [await measure(subject)]);
  return all.map(([only]) => only as Measurement);
}

/** The same for measures that yield several numbers at once. @returns for each subject, one for each number. */
export async function manyInTurns<S>(
  turns: number,
  subjects: readonly S[],
  measure: (subject: S) => Promise<readonly number[]>,
): Promise<Measurement[][]> {
  const values = subjects.map(() => [] as (readonly number[])[]);
  for (let turn = 0; turn < turns; turn += 1) {
    for (const [index, subject] of subjects.entries()) values[index]?.push(await measure(subject));
  }
  return values.map((ofSubject) => {
    const count = ofSubject[0]?.length ?? 0;
    return Array.from({ length: count }, (_, place) => measurementOf(ofSubject.map((numbers) => numbers[place] ?? 0)));
  });
}
