import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { benchFolder } from "../paths.ts";
import { run, runProgram } from "../processes.ts";
import type { HttpRequest } from "./http-request.ts";
import { writeJsonRequests, writeRawRequests } from "./request-files.ts";

export type GeneratorName = "wrk" | "autocannon";

/** What is sent, and how. */
export interface Load {
  readonly url: string;
  readonly requests: readonly HttpRequest[];
  /** 32 where nothing is said. */
  readonly connections?: number;
  /** Whether no request may be sent twice. The run ends early when all are sent. */
  readonly once?: boolean;
}

/** How a run ended: `refused` counts answers that are no success, `failed` requests without an answer. */
interface RunSummary {
  readonly completed: number;
  readonly refused: number;
  readonly failed: number;
  readonly micros: number;
}

const connectionsByDefault = 32;

/** `wrk` where it is installed, else `autocannon`. */
export function generatorOf(wanted: string | undefined): GeneratorName {
  const hasWrk = spawnSync("wrk", ["-v"]).error === undefined;
  if (wanted === "wrk" && !hasWrk) throw new Error("--load is wrk, which is not installed.");
  if (wanted !== undefined && wanted !== "wrk" && wanted !== "autocannon") {
    throw new Error(`--load is ${JSON.stringify(wanted)}: allowed is wrk or autocannon.`);
  }
  return wanted ?? (hasWrk ? "wrk" : "autocannon");
}

/** Sends requests from a process of its own, as fast as they are answered, for some seconds. */
export class LoadGenerator {
  readonly name: GeneratorName;

  constructor(name: GeneratorName) {
    this.name = name;
  }

  /** @returns requests a second. Rejects where an answer is no success. */
  async rate(load: Load, seconds: number): Promise<number> {
    const { completed, micros } = check(await this.#run(load, seconds));
    if (completed === 0) throw new Error(`no request to ${load.url} was answered within ${seconds} s`);
    return (completed / micros) * 1e6;
  }

  /** Lets a target compile what is hot, before it is measured. */
  async warmUp(load: Load, seconds: number): Promise<void> {
    check(await this.#run(load, seconds));
  }

  /** Sends a number of requests. Always by autocannon, because wrk cannot count. */
  async send(load: Load, count: number): Promise<void> {
    check(await runAutocannon(load, { count }));
  }

  #run(load: Load, seconds: number): Promise<RunSummary> {
    return this.name === "wrk" ? runWrk(load, seconds) : runAutocannon(load, { seconds });
  }
}

/** Throws where an answer is no success. */
function check(summary: RunSummary): RunSummary {
  const { completed, refused, failed } = summary;
  if (refused === 0 && failed === 0) return summary;
  throw new Error(`of ${completed} answers ${refused} were no success, and ${failed} requests failed`);
}

async function runWrk(load: Load, seconds: number): Promise<RunSummary> {
  const { url, requests, connections = connectionsByDefault, once = false } = load;
  const file = writeRawRequests(requests, new URL(url).host);
  const limits = ["-t1", `-c${connections}`, `-d${Math.max(Math.round(seconds), 1)}s`, "--timeout", "30s"];
  const script = join(benchFolder, "load/wrk.lua");
  const output = await run(["wrk", ...limits, "-s", script, url, "--", file, once ? "once" : "again"]);
  return JSON.parse(output.trimEnd().split("\n").at(-1) ?? "") as RunSummary;
}

function runAutocannon(
  { url, requests, connections = connectionsByDefault, once = false }: Load,
  until: { readonly seconds: number } | { readonly count: number },
): Promise<RunSummary> {
  const file = writeJsonRequests(requests);
  const order = { from: join(benchFolder, "package.json"), url, file, connections, once, ...until };
  return runProgram("autocannon", [JSON.stringify(order)]);
}
