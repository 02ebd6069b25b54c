import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";

const program = join(import.meta.dirname, "../dist/cli.js");
const children = new Set<ChildProcess>();
process.once("exit", () => {
  for (const child of children) child.kill("SIGKILL");
});

/** Where a replica keeps its records, and the port that it listens on. */
export interface ReplicaPlace {
  readonly url: string;
  readonly schema: string;
  readonly port: number;
  readonly webhookUrl?: string;
}

/** A process of the built program. */
export interface RunningReplica {
  readonly url: string;
  /** Ends it at once, in the middle of whatever it does. */
  kill(): Promise<void>;
  /** Lets it end by itself. */
  stop(): Promise<void>;
}

/**
 * Starts a replica; it ends with this process at the latest. Rejects with what it says where it does not serve.
 * @param onTold hears of what it logs, but not of each request.
 */
export async function startReplica(
  { url, schema, port, webhookUrl }: ReplicaPlace,
  onTold: (line: { readonly event: string; readonly message: string }) => void,
): Promise<RunningReplica> {
  const args = ["serve", "--port", String(port), "--log", "json", "--store", url, "--store-schema", schema];
  const webhooks = webhookUrl === undefined ? [] : ["--webhook-url", webhookUrl];
  const child = spawn(process.execPath, [program, ...args, ...webhooks], {
    env: { PATH: process.env.PATH },
    stdio: ["ignore", "pipe", "pipe"],
  });
  children.add(child);
  let isEnding = false;
  const said: string[] = [];
  const ended = once(child, "close").finally(() => children.delete(child));
  createInterface(child.stderr).on("line", (line) => {
    if (line.startsWith('{"event":"request"')) return;
    if (line.startsWith("{")) onTold(JSON.parse(line));
    else said.push(line);
  });
  const ready = await Promise.race([
    readyUrl(child),
    ended.then(() => Promise.reject(new Error(`a replica ended before it served: ${said.join("\n")}`))),
  ]);
  ended.then(() => {
    if (!isEnding) onTold({ event: "defect", message: `it ended by itself: ${said.join("\n")}` });
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
