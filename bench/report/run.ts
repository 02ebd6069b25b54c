import { cpus, loadavg, release, totalmem, type } from "node:os";

/** The circumstances of a run. */
export interface Run {
  readonly date: string;
  readonly turns: number;
  readonly startTurns: number;
  readonly generator: string;
  readonly machine: Machine;
}

interface Machine {
  readonly model: string;
  readonly cores: number;
  readonly memoryGigabytes: number;
  readonly node: string;
  readonly system: string;
  /** Processes that wanted a core in the last minute. */
  readonly loadAverage: number;
}

export function describeMachine(): Machine {
  const [first] = cpus();
  return {
    model: first?.model.trim() || "unknown processor",
    cores: cpus().length,
    memoryGigabytes: Math.round(totalmem() / 1024 ** 3),
    node: process.version,
    system: `${type()} ${release()}`,
    loadAverage: loadavg()[0] ?? 0,
  };
}
