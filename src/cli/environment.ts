import type { Sandbox } from "../client/handle.ts";
import { ConfigError, configFromCommandLine } from "../config/config.ts";
import { composeSandbox } from "../sandbox/sandbox.ts";
import type { Flags } from "./command.ts";
import { baseOf, connect } from "./server.ts";

type Credentials = Sandbox["credentials"];

/** How an environment block can be written, by what `--format` calls it. */
const formats = {
  dotenv: (variables) => lines(variables, (name, value) => `${name}=${inDotenv(value)}`),
  json: (variables) => `${JSON.stringify(variables, null, 2)}\n`,
  shell: (variables) => lines(variables, (name, value) => `export ${name}='${value.replaceAll("'", "'\\''")}'`),
} as const satisfies Record<string, (variables: Record<string, string>) => string>;

function lines(variables: Record<string, string>, write: (name: string, value: string) => string): string {
  return Object.entries(variables)
    .map(([name, value]) => `${write(name, value)}\n`)
    .join("");
}

/** A text of several lines stands in quotes, where `\n` is a line break. */
function inDotenv(value: string): string {
  return value.includes("\n") ? `"${value.replaceAll("\n", "\\n")}"` : value;
}

/** The variables by which a merchant's program finds the sandbox and its keys. */
export function environmentBlock(credentials: Credentials, format: keyof typeof formats = "dotenv"): string {
  return formats[format]({
    NOMUPAY_BASE_URL: credentials.baseUrl,
    NOMUPAY_PROCESSING_ACCOUNT_ID: credentials.processingAccountId,
    NOMUPAY_KID: credentials.kid,
    NOMUPAY_PRIVATE_KEY: credentials.privateKey.trim(),
    NOMUPAY_HMAC_KEY: credentials.hmacKey,
  });
}

export async function env(flags: Flags): Promise<void> {
  const { format = "dotenv" } = flags;
  if (!isFormat(format)) {
    throw new ConfigError(`--format is ${JSON.stringify(format)}: allowed is dotenv, json or shell.`);
  }
  process.stdout.write(environmentBlock(await credentialsOf(flags), format));
}

function isFormat(name: string): name is keyof typeof formats {
  return Object.hasOwn(formats, name);
}

/** Those of a running sandbox, else of one that would be started so. */
async function credentialsOf(flags: Flags): Promise<Credentials> {
  if (flags.url !== undefined) return (await connect(flags)).credentials;
  const { seed, config: file, port, "public-url": publicUrl } = flags;
  const config = configFromCommandLine({ seed, config: file, port, "public-url": publicUrl, log: "silent" });
  await using sandbox = await composeSandbox({ ...config, store: "memory", publicUrl: baseOf(config) });
  return sandbox.credentials;
}
