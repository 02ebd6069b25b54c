import { spawn } from "node:child_process";
import { once } from "node:events";

/** Variables of this process without those of npm's scripts, and without options of Node and the sandbox. */
export const environment = Object.fromEntries(
  Object.entries(process.env).filter(
    ([name]) => !/^(npm_(package|lifecycle|command|config_local_prefix)|INIT_CWD|NODE_|SANDBOX_|VITEST)/.test(name),
  ),
);

/** Result of a program. */
export interface End {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** Runs a program without input. */
export async function runProgram(
  folder: string,
  command: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = environment,
): Promise<End> {
  const child = spawn(command, args, { cwd: folder, env, stdio: ["ignore", "pipe", "pipe"] });
  const output = { out: "", err: "" };
  child.stdout.setEncoding("utf8").on("data", (text) => {
    output.out += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text) => {
    output.err += text;
  });
  const [code] = (await once(child, "close")) as [number | null];
  return { code, ...output };
}

/** Runs a program that must succeed. @returns its standard output */
export async function succeed(folder: string, command: string, ...args: readonly string[]): Promise<string> {
  const { code, out, err } = await runProgram(folder, command, args);
  if (code !== 0) throw new Error(`${[command, ...args].join(" ")} ended with ${code}:\n${out}${err}`);
  return out;
}

/** Runs a program that must fail, with a sentence in its output. @returns the result */
export async function fail(
  sentence: string,
  folder: string,
  command: string,
  ...args: readonly string[]
): Promise<End> {
  const end = await runProgram(folder, command, args);
  if (end.code === 0 || !`${end.out}${end.err}`.includes(sentence))
    throw new Error(
      `${[command, ...args].join(" ")} ended with ${end.code}, without "${sentence}":\n${end.out}${end.err}`,
    );
  return end;
}

/** Runs a program that uses the registry: once more if it fails. */
export async function succeedOrRetry(folder: string, command: string, ...args: readonly string[]): Promise<string> {
  return succeed(folder, command, ...args).catch(() => succeed(folder, command, ...args));
}

/** Whether the registry has a package. */
export async function isPublished(specifier: string): Promise<boolean> {
  const version = succeedOrRetry(process.cwd(), "npm", "view", specifier, "version");
  return version.then((text) => text.trim() !== "").catch(() => false);
}
