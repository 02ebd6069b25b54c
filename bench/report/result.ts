import type { Measurement } from "../measuring.ts";

/** What a target reached, or that it cannot do such a thing. */
export type Value = Measurement | "cannot";

export interface Row {
  readonly name: string;
  readonly title: string;
  readonly value: Value;
}

/** One measured figure of several targets. */
export interface Result {
  readonly name: string;
  readonly title: string;
  readonly unit: string;
  readonly better: "higher" | "lower";
  readonly rows: readonly Row[];
  /** Sentences that the reader needs in order to understand the figure. */
  readonly notes: readonly string[];
}

/** One value that is exact, as a measurement. */
export function exactly(value: number): Measurement {
  return { median: value, min: value, max: value };
}
