#!/usr/bin/env node
import { parseArgs } from "node:util";
import { SandboxError } from "../client/handle.ts";
import { ConfigError, configFromCommandLine, flagNames, isLoopback, switchNames, version } from "../config/config.ts";
import { composeSandbox } from "../sandbox/sandbox.ts";
import type { Command, Flags, Positionals } from "./command.ts";
import { env, environmentBlock } from "./environment.ts";
import { ready, resend, serverFlags, trigger } from "./server.ts";
import { doctor, sign, signatureFlags } from "./signatures.ts";

const help = `alipay-hk-sandbox ${version}: a sandbox for Alipay HK payments. No money moves.

  alipay-hk-sandbox [serve] [options]
  alipay-hk-sandbox env [--format dotenv|json|shell]                   prints the variables of the demo merchant
  alipay-hk-sandbox ready                                              ends with 0 if a sandbox serves, else with 1
  alipay-hk-sandbox trigger ACTION PAYMENT [--reason R]                does what a button of the pages does
  alipay-hk-sandbox resend NOTIFICATION                                makes an extra attempt to deliver it
  alipay-hk-sandbox sign METHOD TARGET [--body FILE]                   prints a good X-Signature
  alipay-hk-sandbox doctor METHOD TARGET --signature S [--body FILE]   explains one

serve:
  --port 8852                 the port; 0 takes any free one
  --host 127.0.0.1            the address to listen on; off loopback --admin-token is needed
  --public-url URL            the base of the URLs that the sandbox hands out
  --auth verify|require|off   what happens to signatures of requests
  --webhook-url URL           where notifications go
  --clock running|INSTANT     the clock that worlds begin with: running, or frozen at an instant
  --seed TEXT                 makes keys and ids repeatable
  --accounts open|listed      whether a payment opens an account that was never seen
  --admin-token TEXT|none     the secret for the control surface
  --allow-host NAME,...       further names that the control surface answers to
  --frame-ancestors SOURCES   whose pages may show the payer's pages in a frame; none is the default
  --no-demo                   no demo shop at /demo
  --store memory|postgres://... where everything is kept: in this process, or in a database that replicas share
  --store-schema NAME         the schema in that database; each sandbox has its own
  --store-connections 10      how many connections to it this process may have, and one more
  --store-timeout PT5S        how long the database may take before a request fails
  --remove-unused-after P30D  removes worlds that nobody has used for so long
  --log pretty|json|silent    what is told on standard error
  --config FILE               a JSON file with the same options in camelCase, "settings" and "merchants"

env, ready, trigger, resend:
  --url URL                   a sandbox that is running; if nothing is said, the one that --port would start here.
                              env asks none without it
  --admin-token T             its admin token
  --format FORMAT             env: lines for a .env file, one JSON object, or lines for a shell
  --seed, --config, --port, --public-url
                              env: as for serve; they decide which keys and URL there are
  ACTION                      trigger: scan, pay, decline, cancel, expire or fail. It prints the payment's status then
  --reason R                  trigger: why the wallet declines

sign and doctor:
  TARGET                      path and query without host: /v1/payments?idempotencyKey=...
  --body FILE                 the exact body; - reads standard input
  --signature S               the X-Signature to be explained
  --kid KID, --key FILE       sign with a key of your own (PEM, PKCS #8)
  --url URL, --admin-token T  let a running sandbox explain it, which knows the keys that you registered there
  --seed, --config            as for serve: they decide which keys there are

  --help, --version

Each option of serve has a variable: SANDBOX_PORT for --port, and so on. A flag outranks a variable, a variable the file.
SANDBOX_PORT and SANDBOX_ADMIN_TOKEN count for the other commands too. Wrong arguments end with 2, what fails with 1.
`;

const commands: Readonly<Record<string, Command>> = {
  serve: { flags: flagNames, parameters: [], run: serve },
  sign: { flags: signatureFlags, parameters: ["METHOD", "TARGET"], run: sign },
  doctor: { flags: signatureFlags, parameters: ["METHOD", "TARGET"], run: doctor },
  env: {
    flags: ["format", "seed", "config", "port", "public-url", ...serverFlags],
    parameters: [],
    run: env,
  },
  ready: { flags: serverFlags, parameters: [], run: ready },
  trigger: { flags: ["reason", ...serverFlags], parameters: ["ACTION", "PAYMENT"], run: trigger },
  resend: { flags: serverFlags, parameters: ["NOTIFICATION"], run: resend },
};

async function serve(flags: Flags): Promise<void> {
  const config = configFromCommandLine(flags);
  const sandbox = await composeSandbox(config);
  const stop = () => void sandbox.close().then(() => process.exit(0));
  process.once("SIGTERM", stop).once("SIGINT", stop);
  // Who reads only the first line closes the pipe.
  process.stdout.on("error", () => undefined);
  const url = await sandbox.listen({ host: config.host, port: config.port });
  process.stdout.write(`Alipay HK sandbox ready at ${url}\n`);
  process.stdout.write(
    isLoopback(config.host)
      ? `\n${environmentBlock(sandbox.credentials)}\nOpen ${url} in a browser.\n${shopLine(config, url)}`
      : "",
  );
}

/** Where to click first. */
function shopLine({ demo }: { readonly demo: boolean }, url: string): string {
  return demo ? `Buy something in the demo shop: ${url}/demo\n` : "";
}

interface Arguments {
  readonly command: Command;
  readonly flags: Flags;
  readonly parameters: Positionals;
}

function readArguments(args: readonly string[]): Arguments | "help" | "version" {
  const name = args.find((arg) => !arg.startsWith("-"));
  const command = commands[name !== undefined && Object.hasOwn(commands, name) ? name : "serve"] as Command;
  const texts = Object.fromEntries(
    command.flags.map((flag) => [
      flag,
      { type: switchNames.includes(flag) ? ("boolean" as const) : ("string" as const) },
    ]),
  );
  const options = { ...texts, help: { type: "boolean" as const, short: "h" }, version: { type: "boolean" as const } };
  let parsed: { values: Record<string, string | boolean | undefined>; positionals: string[] };
  try {
    parsed = parseArgs({ args: [...args], options, allowPositionals: true });
  } catch (error) {
    const [sentence] = (error as Error).message.split("\n");
    throw new ConfigError(`${sentence} Allowed are ${command.flags.map((flag) => `--${flag}`).join(", ")}.`);
  }
  if (parsed.values.help) return "help";
  if (parsed.values.version) return "version";
  const [given = "serve", ...parameters] = parsed.positionals;
  if (commands[given] !== command) {
    throw new ConfigError(`The command ${given} is unknown: allowed are ${Object.keys(commands).join(", ")}.`);
  }
  if (parameters.length !== command.parameters.length) {
    const wanted = command.parameters.join(" ") || "nothing";
    throw new ConfigError(`After ${given} stands ${JSON.stringify(parameters.join(" "))}: allowed is ${wanted}.`);
  }
  const flags = Object.entries(parsed.values).map(([flag, value]) => [flag, value === true ? "true" : value]);
  return { command, flags: Object.fromEntries(flags), parameters };
}

async function main(args: readonly string[]): Promise<void> {
  try {
    const asked = readArguments(args);
    if (asked === "help") process.stdout.write(help);
    else if (asked === "version") process.stdout.write(`${version}\n`);
    else await asked.command.run(asked.flags, asked.parameters);
  } catch (error) {
    const { exitCode, sentence } = endOf(error);
    process.stderr.write(`${sentence}\n`);
    process.exitCode = exitCode;
  }
}

/** How the program ends after an error: 2 for wrong arguments, 1 for what failed. Defects are thrown on. */
function endOf(error: unknown): { exitCode: number; sentence: string } {
  const { code, message } = error as NodeJS.ErrnoException;
  if (error instanceof ConfigError) return { exitCode: 2, sentence: message };
  if (error instanceof SandboxError) return { exitCode: code === "invalid_request" ? 2 : 1, sentence: message };
  if (code === undefined) throw error;
  return { exitCode: 1, sentence: `The port cannot be opened: ${message}.` };
}

await main(process.argv.slice(2));
