import { spawn } from "node:child_process";
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
}

/** Runs a command in the shell; what it prints goes to standard error. @returns why it failed; `undefined` if not. */
export function runInShell({ command, parameters, variables, timeoutMs }: UserCommand): Promise<string | undefined> {
  return new Promise((resolve) => {
    const options = { stdio: ["ignore", 2, 2] as ["ignore", 2, 2], env: { ...process.env, ...variables } };
    const child =
      process.platform === "win32"
        ? spawn(command, { ...options, shell: true })
        : spawn("sh", ["-c", command, "sh", ...parameters], options);
    const cancel = systemClock.after(timeoutMs, () => child.kill("SIGKILL"));
    child.once("error", ({ message }) => {
      cancel();
      resolve(message);
    });
    child.once("close", (code, signal) => {
      cancel();
      if (code === 0) resolve(undefined);
      else resolve(code === null ? `it was ended by ${signal}` : `it exited with ${code}`);
    });
  });
}
