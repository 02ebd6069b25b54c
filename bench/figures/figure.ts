import type { LoadGenerator } from "../load/load.ts";
import type { Result } from "../report/result.ts";
import type { DemoKeys } from "../targets/sandbox.ts";
import type { Target } from "../targets/target.ts";
import type { Scale } from "./scale.ts";

/** What a figure measures with. */
export interface Bench {
  readonly scale: Scale;
  readonly generator: LoadGenerator;
  readonly keys: DemoKeys;
  readonly peers: readonly Target[];
}

/** Measures, and returns what goes into the report. */
export type Figure = (bench: Bench) => Promise<Result[]>;

/** Rows of targets that cannot do what is measured. */
export function cannot(targets: readonly Target[]) {
  return targets.map(({ name, title }) => ({ name, title, value: "cannot" as const }));
}
