import type { Sandbox } from "../client/handle.ts";
import { baseUrlOf } from "../config/addresses.ts";
import { type Config, ConfigError, configFromCommandLine } from "../config/config.ts";
import { schemeOf } from "../config/tls.ts";
import { dotenvValue, environmentVariables } from "../domain/environment.ts";
import type { SeedOrigin } from "../domain/stored-seed.ts";
import { composeSandbox } from "../sandbox/sandbox.ts";
import { type Command, type Flag, type Flags, optionFlags } from "./command.ts";
import { requireKnownKeys } from "./offline-sandbox.ts";
import { adminTokenFlag, caFlag, connect } from "./running-sandbox.ts";

/** The flag `--format` of a command that prints variables. @param use begins its help. */
export function formatFlag(byDefault: EnvironmentFormat, use = ""): Flag {
  return {
    name: "format",
    placeholder: "dotenv|json|shell",
    help: `${use}lines of a .env file, a JSON object, or shell exports (default ${byDefault})`,
  };
}

export const env: Command = {
  name: "env",
  summary: "prints the environment variables of the demo merchant",
  parameters: [],
  flags: [
    formatFlag("dotenv"),
    { name: "url", placeholder: "URL", help: "asks a running sandbox; without it no sandbox has to run" },
    adminTokenFlag,
    caFlag,
    ...optionFlags(["seed", "config", "port", "publicUrl"]),
  ],
  run,
};

type Credentials = Sandbox["credentials"];
type Variables = ReturnType<typeof environmentVariables>;

/** Writers of an environment block, by the value of `--format`. */
const formats = {
  dotenv: (variables) => lines(variables, (name, value) => `${name}=${dotenvValue(value)}`),
  json: (variables) => `${JSON.stringify(Object.fromEntries(variables), null, 2)}\n`,
  shell: (variables) => lines(variables, (name, value) => `export ${name}='${value.replaceAll("'", "'\\''")}'`),
} as const satisfies Record<string, (variables: Variables) => string>;

export type EnvironmentFormat = keyof typeof formats;

function lines(variables: Variables, write: (name: string, value: string) => string): string {
  return variables.map(([name, value]) => `${write(name, value)}\n`).join("");
}

/** Environment variables of a merchant's program, as text. */
export function environmentBlock(credentials: Credentials, format: EnvironmentFormat = "dotenv"): string {
  return formats[format](environmentVariables(credentials));
}

async function run(flags: Flags): Promise<void> {
  const format = formatOf(flags, "dotenv");
  const { credentials, seed, store } = await demoMerchantOf(flags);
  process.stdout.write(environmentBlock(credentials, format));
  process.stderr.write(`${sentences[seed](store)}\n`);
}

/** What `env` says of the origin of the keys, by the seed and the store. */
const sentences: Readonly<Record<SeedOrigin, (store: string) => string>> = {
  default: () => "These keys come from the public default seed: anyone can compute them.",
  given: () => "These keys come from your seed: keep it secret, and they are the same wherever it is set.",
  random: (store) => {
    const change = store === "memory" ? "change when the sandbox starts again" : "stay with the database";
    return `These keys come from a random seed: they ${change}. Set SANDBOX_SEED to a secret to choose them.`;
  },
};

interface DemoMerchant {
  readonly credentials: Credentials;
  readonly seed: SeedOrigin;
  readonly store: string;
}

/** The value of `--format`. Throws `ConfigError` for an unknown one. */
export function formatOf({ format }: Flags, byDefault: EnvironmentFormat): EnvironmentFormat {
  if (format === undefined) return byDefault;
  if (Object.hasOwn(formats, format)) return format as EnvironmentFormat;
  throw new ConfigError(`--format is ${JSON.stringify(format)}; expected dotenv, json or shell.`);
}

/** The demo merchant of the sandbox at `--url`, or of the one that `serve` would start. */
async function demoMerchantOf(flags: Flags): Promise<DemoMerchant> {
  if (flags.url !== undefined) {
    const { credentials, fetch } = await connect(flags);
    // A sandbox of version 0.1 does not tell its seed.
    const health = (await (await fetch("/_sandbox/health")).json()) as Partial<DemoMerchant>;
    return { credentials, seed: health.seed ?? "default", store: health.store ?? "memory" };
  }
  const { seed, config: file, port, "public-url": publicUrl } = flags;
  const config = configFromCommandLine({ seed, config: file, port, "public-url": publicUrl, log: "silent" });
  requireKnownKeys(config);
  await using sandbox = await composeSandbox({ ...config, store: "memory", publicUrl: publicUrlOf(config) });
  return { credentials: sandbox.credentials, seed: config.seed === undefined ? "default" : "given", store: "memory" };
}

function publicUrlOf({ publicUrl, host, port, tls }: Config): string {
  if (publicUrl !== undefined) return publicUrl;
  if (port === 0) {
    throw new ConfigError(
      "The port is 0, so the URL is unknown; expected --port, --public-url, or the --url of a running sandbox.",
    );
  }
  return baseUrlOf(host, port, schemeOf(tls));
}
