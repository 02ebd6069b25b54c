import { readFileSync } from "node:fs";
import type { Sandbox } from "../client/handle.ts";
import { type Config, ConfigError, configFromCommandLine } from "../config/config.ts";
import { describeExposure, isExposed } from "../config/exposure.ts";
import { composeSandbox } from "../sandbox/sandbox.ts";
import type { Flag, Flags } from "./command.ts";

/** A sandbox in this process with the keys of the given seed and file: for commands that work without a server. */
export async function offlineSandbox({ seed, config }: Flags): Promise<Sandbox> {
  const read = configFromCommandLine({ seed, config, log: "silent" });
  requireKnownKeys(read);
  return composeSandbox({ ...read, store: "memory" });
}

/** Throws `ConfigError` if only a running sandbox knows the keys, because their seed is random. */
export function requireKnownKeys(config: Config): void {
  if (config.seed !== undefined || !isExposed(config)) return;
  throw new ConfigError(
    `${describeExposure(config)}, so the keys come from a random seed that only the running sandbox knows; ` +
      "expected --seed, or the --url of the running sandbox.",
  );
}

export const bodyFlag: Flag = {
  name: "body",
  placeholder: "FILE",
  help: "file with the exact body; - reads standard input",
};

/** Body of the request: the content of the file, or empty. */
export function readBody({ body }: Flags): string {
  return body === undefined ? "" : readFile("--body", body);
}

/** Content of a file, or of standard input for `-`. Throws `ConfigError`. */
export function readFile(flag: string, path: string): string {
  try {
    return readFileSync(path === "-" ? 0 : path, "utf8");
  } catch (error) {
    throw new ConfigError(`${flag} is ${JSON.stringify(path)}, which cannot be read: ${(error as Error).message}.`);
  }
}
