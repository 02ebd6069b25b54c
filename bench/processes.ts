import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { programPath, root, workFolder } from "./paths.ts";

const children = new Set<ChildProcess>();
process.once("exit", () => {
  for (const child of children) child.kill("SIGKILL");
});
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(1));

/** A command with its arguments. */
export type Command = readonly [program: string, ...args: string[]];

/** A process that this one started. It ends with this one at the latest. */
export interface RunningProcess {
  readonly pid: number;
  /** Rejects with what it wrote to standard error when the process ends without a call of `stop`. */
  readonly failed: Promise<never>;
  /** Ends the process at once. */
  stop(): Promise<void>;
}

/** Starts a server. Its output is discarded, as with a redirection to /dev/null. */
export function startServer(command: Command): RunningProcess {
  return supervise(spawnCommand(command, "ignore"), command);
}

/** Starts one of the programs of the benchmark, and returns it with the first line of its output. */
export async function startProgram(
  name: string,
  args: readonly string[],
): Promise<RunningProcess & { readonly line: string }> {
  const command: Command = [process.execPath, programPath(name), ...args];
  const child = spawnCommand(command, "pipe");
  const running = supervise(child, command);
  const lines = createInterface(child.stdout as NonNullable<ChildProcess["stdout"]>);
  const line = once(lines, "line").then(([text]) => text as string);
  return { ...running, line: await Promise.race([line, running.failed]) };
}

/** Runs a command to its end and returns its output. Rejects where it fails. */
export async function run(command: Command, cwd = workFolder): Promise<string> {
  const child = spawnCommand(command, "pipe", cwd);
  const texts = { out: "", err: "" };
  child.stdout?.setEncoding("utf8").on("data", (text) => {
    texts.out += text;
  });
  child.stderr?.setEncoding("utf8").on("data", (text) => {
    texts.err += text;
  });
  const [code] = await once(child, "close");
  if (code === 0) return texts.out;
  throw new Error(`${command.join(" ")} ended with ${code}: ${(texts.err || texts.out).slice(-2000)}`);
}

/** Runs one of the programs of the benchmark to its end and returns its output, read as JSON. */
export async function runProgram<T>(
  name: string,
  args: readonly string[],
  { nodeFlags = [] as readonly string[] } = {},
): Promise<T> {
  return JSON.parse(await run([process.execPath, ...nodeFlags, programPath(name), ...args])) as T;
}

/** Resident memory of a process, in megabytes. */
export function residentMegabytes(pid: number): number {
  const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
  return Number(kilobytes) / 1024;
}

/** A server gets nothing of this process's environment but what every program needs. */
function spawnCommand([program, ...args]: Command, output: "ignore" | "pipe", cwd = root): ChildProcess {
  const { PATH, HOME } = process.env;
  const env = output === "ignore" ? { PATH, HOME } : process.env;
  const child = spawn(program, args, { cwd, env, stdio: ["ignore", output, output] });
  children.add(child);
  child.once("close", () => children.delete(child));
  return child;
}

function supervise(child: ChildProcess, command: Command): RunningProcess {
  let isStopping = false;
  let said = "";
  child.stderr?.setEncoding("utf8").on("data", (text) => {
    said = (said + text).slice(-2000);
  });
  const closed = once(child, "close");
  const failed = closed.then(async ([code]) => {
    if (isStopping) return new Promise<never>(() => {});
    throw new Error(`${command.join(" ")} ended with ${code}. ${said}`);
  });
  failed.catch(() => undefined);
  const stop = async () => {
    isStopping = true;
    child.kill("SIGKILL");
    await closed;
  };
  return { pid: child.pid ?? 0, failed, stop };
}
