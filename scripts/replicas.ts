import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";

const program = join(import.meta.dirname, "../dist/cli.js");
const children = new Set<ChildProcess>();
process.once("exit", () => {
  for (const child of children) child.kill("SIGKILL");
});

/** Database and port of a replica. */
export interface ReplicaPlace {
  readonly url: string;
  readonly schema: string;
  readonly port: number;
  readonly webhookUrl?: string;
}

/** A running process of the built program. */
export interface RunningReplica {
  readonly url: string;
  /** Kills it with SIGKILL. */
  kill(): Promise<void>;
  /** Ends it with SIGTERM. */
  stop(): Promise<void>;
}

/**
 * Starts a replica; it stops with this process at the latest. Rejects with its error output if it does not start.
 * @param onLog receives its log lines, except those of requests.
 */
export async function startReplica(
  { url, schema, port, webhookUrl }: ReplicaPlace,
  onLog: (line: { readonly event: string; readonly message: string }) => void,
): Promise<RunningReplica> {
  const args = ["serve", "--port", String(port), "--log", "json", "--store", url, "--store-schema", schema];
  const webhooks = webhookUrl === undefined ? [] : ["--webhook-url", webhookUrl];
  const child = spawn(process.execPath, [program, ...args, ...webhooks], {
    env: { PATH: process.env.PATH },
    stdio: ["ignore", "pipe", "pipe"],
  });
  children.add(child);
  let isEnding = false;
  const errorLines: string[] = [];
  const ended = once(child, "close").finally(() => children.delete(child));
  createInterface(child.stderr).on("line", (line) => {
    if (line.startsWith('{"event":"request"')) return;
    if (line.startsWith("{")) onLog(JSON.parse(line));
    else errorLines.push(line);
  });
  const ready = await Promise.race([
    readyUrl(child),
    ended.then(() => Promise.reject(new Error(`a replica exited before it was ready: ${errorLines.join("\n")}`))),
  ]);
  ended.then(() => {
    if (!isEnding) onLog({ event: "defect", message: `it exited unexpectedly: ${errorLines.join("\n")}` });
  });
  const end = async (signal: "SIGKILL" | "SIGTERM") => {
    isEnding = true;
    child.kill(signal);
    await ended;
  };
  return { url: ready, kill: () => end("SIGKILL"), stop: () => end("SIGTERM") };
}

function readyUrl({ stdout }: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    if (stdout === null) return;
    createInterface(stdout).on("line", (line) => {
      const url = /^Alipay HK sandbox ready at (\S+)$/.exec(line)?.[1];
      if (url !== undefined) resolve(url);
    });
  });
}
