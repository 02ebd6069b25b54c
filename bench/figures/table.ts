import { captured } from "./captured.ts";
import { coldStart } from "./cold-start.ts";
import type { Figure } from "./figure.ts";
import { growth } from "./growth.ts";
import { heap } from "./heap.ts";
import { install } from "./install.ts";
import { life } from "./life.ts";
import { memory } from "./memory.ts";
import { postgres } from "./postgres.ts";
import { signedCreates } from "./signed-creates.ts";
import { throughput } from "./throughput.ts";

/** The figures by the names that `--only` takes, in the order of the report. */
export const figures: Readonly<Record<string, Figure>> = {
  start: coldStart,
  throughput,
  signed: signedCreates,
  life,
  captured,
  memory,
  heap,
  install,
  growth,
  postgres,
};
