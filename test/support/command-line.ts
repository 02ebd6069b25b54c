import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";

/** Output and exit code of a command. */
export interface CommandEnd {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs commands of the built program in one process, because starting a process per command is slow. */
export interface CommandLine extends AsyncDisposable {
  /** Runs a command after the previous ones have ended. Its environment is PATH and the given variables. */
  run(args: readonly string[], environment?: Readonly<Record<string, string>>): Promise<CommandEnd>;
}

const runner = new URL("run-commands.js", import.meta.url).pathname;

export function openCommandLine(): CommandLine {
  let child: ChildProcess | undefined;
  let last: Promise<unknown> = Promise.resolve();
  const runNow = async (args: readonly string[], environment: Readonly<Record<string, string>>) => {
    child ??= fork(runner, { execArgv: [], stdio: ["ignore", "ignore", "inherit", "ipc"] });
    child.send({ args, environment: { PATH: process.env.PATH, ...environment } });
    const [end] = (await once(child, "message")) as [CommandEnd];
    return end;
  };
  return {
    run: (args, environment = {}) => {
      const next = last.then(() => runNow(args, environment));
      last = next.catch(() => undefined);
      return next;
    },
    [Symbol.asyncDispose]: async () => {
      if (child === undefined || child.exitCode !== null) return;
      child.kill("SIGKILL");
      await once(child, "exit");
    },
  };
}
