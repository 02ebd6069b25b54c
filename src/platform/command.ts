import { type ChildProcess, spawn } from "node:child_process";
import { systemClock } from "./clock.ts";

/** A command of the user. */
export interface UserCommand {
  /** Text for the shell. */
  readonly command: string;
  /** Its `$1`, `$2` and so on, except on Windows. */
  readonly parameters: readonly string[];
  /** Variables besides those of this process. */
  readonly variables: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  /** Its folder; by default that of this process. */
  readonly directory?: string | undefined;
}

/** Runs a command in the shell; what it prints goes to standard error. @returns why it failed; `undefined` if not. */
export async function runInShell(command: UserCommand): Promise<string | undefined> {
  return (await run(command, 2)).failure;
}

/** Runs a command in the shell. @returns its standard output, and why it failed; errors go to standard error. */
export function runForOutput(command: UserCommand): Promise<{ output: string; failure: string | undefined }> {
  return run(command, "pipe");
}

function run({ command, parameters, variables, timeoutMs, directory }: UserCommand, stdout: 2 | "pipe") {
  return new Promise<{ output: string; failure: string | undefined }>((resolve) => {
    const env = { ...process.env, ...variables };
    const options = { stdio: ["ignore", stdout, 2] as ["ignore", 2, 2], env, cwd: directory };
    const child: ChildProcess =
      process.platform === "win32"
        ? spawn(command, { ...options, shell: true })
        : spawn("sh", ["-c", command, "sh", ...parameters], options);
    let output = "";
    child.stdout?.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
    let isLate = false;
    const cancel = systemClock.after(timeoutMs, () => {
      isLate = true;
      child.kill("SIGKILL");
      // A process that the shell started may keep the pipe open.
      child.stdout?.destroy();
    });
    child.once("error", ({ message }) => {
      cancel();
      resolve({ output, failure: message });
    });
    child.once("close", (code, signal) => {
      cancel();
      const failure = code === null ? `it was ended by ${signal}` : `it exited with ${code}`;
      const late = `it did not end within ${timeoutMs} ms`;
      resolve({ output, failure: isLate ? late : code === 0 ? undefined : failure });
    });
  });
}
