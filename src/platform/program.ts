import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { connect } from "node:net";
import { pause, systemClock, waitAtMost } from "./clock.ts";

/** A server that was started by a command. */
export interface Program {
  /** The last lines that it printed, of standard output and standard error. */
  output(): string;
  /** Why it has ended; `undefined` while it runs. */
  ended(): string | undefined;
  /** Ends it at once, with all processes that it started. Resolves when it has ended. */
  kill(): Promise<void>;
  /** Asks it to end, and ends it after `graceMs`. */
  stop(graceMs: number): Promise<void>;
}

/** Variables besides those of this process; `undefined` unsets one. */
type Variables = Readonly<Record<string, string | undefined>>;

/** Maximum time until the processes of a killed group have ended, in milliseconds. */
const killedMs = 1_000;
/** Maximum length of the kept output, in characters. */
const outputMax = 16_384;

/** Starts a command in the shell, in a process group of its own. It is killed when this process exits. */
export function startProgram(command: string, directory: string, variables: Variables): Program {
  const isWindows = process.platform === "win32";
  const child = spawn(command, {
    cwd: directory,
    env: { ...process.env, ...variables },
    shell: true,
    detached: !isWindows,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  let end: string | undefined;
  const keep = (text: string) => {
    output = (output + text).slice(-outputMax);
  };
  child.stdout.setEncoding("utf8").on("data", keep);
  child.stderr.setEncoding("utf8").on("data", keep);
  const signal = (name: NodeJS.Signals) => signalGroup(child, name, isWindows);
  // A program in a group of its own would outlive this process.
  const killAtExit = () => signal("SIGKILL");
  process.once("exit", killAtExit);
  const ended = new Promise<void>((resolve) => {
    const close = (why: string) => {
      end ??= why;
      resolve();
    };
    child.once("error", ({ message }) => close(message));
    child.once("exit", (code, name) => close(code === null ? `it was ended by ${name}` : `it exited with ${code}`));
  });
  // The shell may end before the processes that it started: their output ends with the last of them.
  const outputEnded = new Promise<void>((resolve) => {
    const close = () => {
      process.removeListener("exit", killAtExit);
      resolve();
    };
    child.once("error", close).once("close", close);
  });
  return {
    output: () => output,
    ended: () => end,
    kill: async () => {
      signal("SIGKILL");
      await ended;
      await waitAtMost(outputEnded, killedMs);
    },
    stop: async (graceMs) => {
      signal("SIGTERM");
      await waitAtMost(outputEnded, graceMs);
      signal("SIGKILL");
      await ended;
      await waitAtMost(outputEnded, killedMs);
    },
  };
}

/** Signals a program and all processes that it started. Windows has no signals: it ends them at once. */
function signalGroup({ pid }: ChildProcess, name: NodeJS.Signals, isWindows: boolean): void {
  if (pid === undefined) return;
  if (isWindows) {
    spawnSync("taskkill", ["/pid", String(pid), "/t", "/f"], { stdio: "ignore" });
    return;
  }
  try {
    process.kill(-pid, name);
  } catch (error) {
    // macOS says EPERM for a group whose processes have all ended.
    const { code = "" } = error as NodeJS.ErrnoException;
    if (code !== "ESRCH" && code !== "EPERM") throw error;
  }
}

/** Maximum time of one attempt to connect, in milliseconds: a host may drop packets without an answer. */
const connectMs = 1_000;
/** Poll interval while a port is not open yet, in milliseconds. */
const pollMs = 20;

/**
 * Waits until a port accepts connections.
 * @param isPointless ends the wait, for example when the program has ended.
 * @returns whether it does.
 */
export async function waitForPort(
  { host, port, timeoutMs }: { readonly host: string; readonly port: number; readonly timeoutMs: number },
  isPointless: () => boolean,
): Promise<boolean> {
  const deadline = systemClock.steady() + timeoutMs;
  while (!(await accepts(host, port))) {
    if (isPointless() || systemClock.steady() > deadline) return false;
    await pause(pollMs, new AbortController().signal);
  }
  return true;
}

/** Waits until a port accepts no connections, but at most `timeoutMs`. */
export async function waitUntilFree({
  host,
  port,
  timeoutMs,
}: {
  readonly host: string;
  readonly port: number;
  readonly timeoutMs: number;
}): Promise<void> {
  const deadline = systemClock.steady() + timeoutMs;
  while ((await accepts(host, port)) && systemClock.steady() < deadline) {
    await pause(pollMs, new AbortController().signal);
  }
}

/** Whether a port accepts a connection now. */
function accepts(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const end = (isOpen: boolean) => {
      socket.destroy();
      resolve(isOpen);
    };
    socket.setTimeout(connectMs, () => end(false));
    socket.once("connect", () => end(true)).once("error", () => end(false));
  });
}
