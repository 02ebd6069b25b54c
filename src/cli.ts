#!/usr/bin/env node
import { parseArgs } from "node:util";
import { ConfigError, configFromCommandLine, flagNames, version } from "./config.ts";
import type { Sandbox } from "./handle.ts";
import { composeSandbox } from "./sandbox.ts";

const help = `alipay-hk-sandbox ${version}: a sandbox for Alipay HK payments. No money moves.

  alipay-hk-sandbox [serve] [options]

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
  --log pretty|json|silent    what is told on standard error
  --config FILE               a JSON file with the same options in camelCase, and "settings"
  --help, --version

Each option has a variable: SANDBOX_PORT for --port, and so on. A flag outranks a variable, a variable the file.
`;

function readFlags(args: string[]): Record<string, string | boolean | undefined> {
  const texts = Object.fromEntries(flagNames.map((name) => [name, { type: "string" as const }]));
  const options = { ...texts, help: { type: "boolean" as const, short: "h" }, version: { type: "boolean" as const } };
  let parsed: { values: Record<string, string | boolean | undefined>; positionals: string[] };
  try {
    parsed = parseArgs({ args, options, allowPositionals: true });
  } catch (error) {
    const [sentence] = (error as Error).message.split("\n");
    throw new ConfigError(`${sentence} Allowed are ${flagNames.map((name) => `--${name}`).join(", ")}.`);
  }
  const [command = "serve", ...more] = parsed.positionals;
  if (command !== "serve" || more.length > 0) {
    throw new ConfigError(`The command ${parsed.positionals.join(" ")} is unknown: allowed is serve.`);
  }
  return parsed.values;
}

function environmentBlock({ credentials }: Sandbox): string {
  const pem = credentials.privateKey.trim().replaceAll("\n", "\\n");
  return `NOMUPAY_BASE_URL=${credentials.baseUrl}
NOMUPAY_PROCESSING_ACCOUNT_ID=${credentials.processingAccountId}
NOMUPAY_KID=${credentials.kid}
NOMUPAY_PRIVATE_KEY="${pem}"
NOMUPAY_HMAC_KEY=${credentials.hmacKey}
`;
}

async function serve(flags: Record<string, string | undefined>): Promise<void> {
  const config = configFromCommandLine(flags);
  const sandbox = await composeSandbox(config);
  const stop = () => void sandbox.close().then(() => process.exit(0));
  process.once("SIGTERM", stop).once("SIGINT", stop);
  const url = await sandbox.listen({ host: config.host, port: config.port });
  process.stdout.write(`Alipay HK sandbox ready at ${url}\n`);
  const { hostname } = new URL(url);
  const onLoopback = config.host === hostname || config.host === `[${hostname}]` || hostname === `[${config.host}]`;
  process.stdout.write(onLoopback ? `\n${environmentBlock(sandbox)}\nOpen ${url} in a browser.\n` : "");
}

async function main(args: string[]): Promise<void> {
  try {
    const { help: wantsHelp, version: wantsVersion, ...flags } = readFlags(args);
    if (wantsHelp) process.stdout.write(help);
    else if (wantsVersion) process.stdout.write(`${version}\n`);
    else await serve(flags as Record<string, string | undefined>);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const wrongValue = error instanceof ConfigError;
    if (!wrongValue && code === undefined) throw error;
    process.stderr.write(`${wrongValue ? message : `The port cannot be opened: ${message}.`}\n`);
    process.exitCode = wrongValue ? 2 : 1;
  }
}

await main(process.argv.slice(2));
