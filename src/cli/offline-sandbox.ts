import { isUtf8 } from "node:buffer";
import { readFileSync } from "node:fs";
import type { Sandbox } from "../client/handle.ts";
import { type Config, ConfigError, configFromCommandLine } from "../config/config.ts";
import { describeExposure, isExposed } from "../config/exposure.ts";
import { composeSandbox } from "../sandbox/sandbox.ts";
import type { Flag, Flags } from "./command.ts";

/** A sandbox in this process with the keys of the given seed and file: for commands that work without a server. */
export async function offlineSandbox({ seed, config, "hmac-key": hmacKey }: Flags): Promise<Sandbox> {
  const read = configFromCommandLine({ seed, config, log: "silent" });
  if (hmacKey === undefined) requireKnownKeys(read);
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

/** Exact bytes of the body: the content of the file, or none. */
export function readBody({ body }: Flags): Uint8Array {
  return body === undefined ? new Uint8Array() : readFile("--body", body);
}

/** Content of a file, or of standard input for `-`. Throws `ConfigError`. */
export function readFile(flag: string, path: string): Buffer {
  try {
    return readFileSync(path === "-" ? 0 : path);
  } catch (error) {
    throw new ConfigError(`${flag} is ${JSON.stringify(path)}, which cannot be read: ${(error as Error).message}.`);
  }
}

/** Body of a request to the control API, as its text or, if it is no UTF-8, as base64. */
export function bodyMembers(bytes: Uint8Array): { readonly body: string } | { readonly bodyBase64: string } {
  const buffer = Buffer.from(bytes);
  return isUtf8(buffer) ? { body: buffer.toString("utf8") } : { bodyBase64: buffer.toString("base64") };
}
