#!/usr/bin/env node
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { ConfigError, configFromCommandLine, flagNames, isLoopback, version } from "./config.ts";
import type { Sandbox } from "./handle.ts";
import { composeSandbox } from "./sandbox.ts";
import { signRequest } from "./signing.ts";

const help = `alipay-hk-sandbox ${version}: a sandbox for Alipay HK payments. No money moves.

  alipay-hk-sandbox [serve] [options]
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
  --log pretty|json|silent    what is told on standard error
  --config FILE               a JSON file with the same options in camelCase, "settings" and "merchants"

sign and doctor:
  TARGET                      path and query without host: /v1/payments?idempotencyKey=...
  --body FILE                 the exact body; - reads standard input
  --signature S               the X-Signature to be explained
  --kid KID, --key FILE       sign with a key of your own (PEM, PKCS #8)
  --url URL, --admin-token T  let a running sandbox explain it, which knows the keys that you registered there
  --seed, --config            as for serve: they decide which keys there are

  --help, --version

Each option of serve has a variable: SANDBOX_PORT for --port, and so on. A flag outranks a variable, a variable the file.
`;

type Flags = Readonly<Record<string, string | undefined>>;
const toolFlags = ["body", "signature", "kid", "key", "url", "admin-token", "seed", "config"];

/** A command, what it is given, and which flags it takes. */
interface Command {
  readonly flags: readonly string[];
  readonly parameters: readonly string[];
  readonly run: (flags: Flags, parameters: readonly string[]) => Promise<void>;
}

const commands: Readonly<Record<string, Command>> = {
  serve: { flags: flagNames, parameters: [], run: serve },
  sign: { flags: toolFlags, parameters: ["METHOD", "TARGET"], run: sign },
  doctor: { flags: toolFlags, parameters: ["METHOD", "TARGET"], run: doctor },
};

function environmentBlock({ credentials }: Sandbox): string {
  const pem = credentials.privateKey.trim().replaceAll("\n", "\\n");
  return `NOMUPAY_BASE_URL=${credentials.baseUrl}
NOMUPAY_PROCESSING_ACCOUNT_ID=${credentials.processingAccountId}
NOMUPAY_KID=${credentials.kid}
NOMUPAY_PRIVATE_KEY="${pem}"
NOMUPAY_HMAC_KEY=${credentials.hmacKey}
`;
}

async function serve(flags: Flags): Promise<void> {
  const config = configFromCommandLine(flags);
  const sandbox = await composeSandbox(config);
  const stop = () => void sandbox.close().then(() => process.exit(0));
  process.once("SIGTERM", stop).once("SIGINT", stop);
  // Who reads only the first line closes the pipe.
  process.stdout.on("error", () => undefined);
  const url = await sandbox.listen({ host: config.host, port: config.port });
  process.stdout.write(`Alipay HK sandbox ready at ${url}\n`);
  process.stdout.write(isLoopback(config.host) ? `\n${environmentBlock(sandbox)}\nOpen ${url} in a browser.\n` : "");
}

/** The sandbox whose keys `sign` and `doctor` know: that of the same seed and file. */
function quietSandbox({ seed, config }: Flags): Promise<Sandbox> {
  return composeSandbox(configFromCommandLine({ seed, config, log: "silent" }));
}

async function sign(flags: Flags, [method = "", target = ""]: readonly string[]): Promise<void> {
  const { credentials } = await quietSandbox(flags);
  const kid = flags.kid ?? credentials.kid;
  const privateKey = flags.key === undefined ? credentials.privateKey : readFile("--key", flags.key);
  const body = flags.body === undefined ? "" : readFile("--body", flags.body);
  if (!/^[A-Z]+$/.test(method)) {
    throw new ConfigError(`METHOD is ${JSON.stringify(method)}: allowed are upper-case letters, like POST.`);
  }
  if ((flags.kid === undefined) !== (flags.key === undefined)) {
    throw new ConfigError("--kid and --key go together: a key of your own, and the kid that it was registered with.");
  }
  if (!target.startsWith("/"))
    throw new ConfigError(`TARGET is ${JSON.stringify(target)}: allowed is a path like /v1/payments.`);
  try {
    process.stdout.write(`X-Signature: ${signRequest({ method, target, body, kid, privateKey })}\n`);
  } catch {
    throw new ConfigError(
      `--key is ${JSON.stringify(flags.key)}: allowed is a file with a private P-256 key, PEM (PKCS #8).`,
    );
  }
}

/** What the doctor answers. */
interface Told {
  readonly ok: boolean;
  readonly sentence: string;
  readonly checks: readonly { readonly name: string; readonly verdict: string; readonly sentence: string }[];
}

async function doctor(flags: Flags, [method, target]: readonly string[]): Promise<void> {
  if (flags.signature === undefined) throw new ConfigError("--signature is missing: give the value of X-Signature.");
  const body = flags.body === undefined ? "" : readFile("--body", flags.body);
  const signature = flags.signature.replace(/^X-Signature:\s*/i, "");
  const answer = await askDoctor(flags, JSON.stringify({ method, target, body, signature }));
  if (!answer.ok) throw new ConfigError(`The sandbox answers ${answer.status}: ${await answer.text()}`);
  const { ok, sentence, checks } = (await answer.json()) as Told;
  for (const check of checks) process.stdout.write(`${check.verdict.padEnd(8)}${check.name}: ${check.sentence}\n`);
  process.stdout.write(`\n${sentence}\n`);
  if (!ok) process.exitCode = 1;
}

/** Asks a running sandbox, or one that knows the same keys. */
async function askDoctor(flags: Flags, body: string): Promise<Response> {
  const path = "/_sandbox/signature/diagnose";
  if (flags.url === undefined) return (await quietSandbox(flags)).fetch(path, { method: "POST", body });
  if (!URL.canParse(flags.url)) {
    throw new ConfigError(`--url is ${JSON.stringify(flags.url)}: allowed is the URL of a sandbox.`);
  }
  const headers = { Authorization: `Bearer ${flags["admin-token"] ?? ""}` };
  return fetch(new URL(path, flags.url), { method: "POST", body, headers }).catch(() => {
    throw new ConfigError(`--url is ${JSON.stringify(flags.url)}: no sandbox answers there.`);
  });
}

function readFile(flag: string, path: string): string {
  try {
    return readFileSync(path === "-" ? 0 : path, "utf8");
  } catch (error) {
    throw new ConfigError(`${flag} is ${JSON.stringify(path)}, which cannot be read: ${(error as Error).message}.`);
  }
}

interface Arguments {
  readonly command: Command;
  readonly flags: Flags;
  readonly parameters: readonly string[];
}

function readArguments(args: readonly string[]): Arguments | "help" | "version" {
  const name = args.find((arg) => !arg.startsWith("-"));
  const command = commands[name !== undefined && Object.hasOwn(commands, name) ? name : "serve"] as Command;
  const texts = Object.fromEntries(command.flags.map((flag) => [flag, { type: "string" as const }]));
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
  return { command, flags: parsed.values as Flags, parameters };
}

async function main(args: readonly string[]): Promise<void> {
  try {
    const asked = readArguments(args);
    if (asked === "help") process.stdout.write(help);
    else if (asked === "version") process.stdout.write(`${version}\n`);
    else await asked.command.run(asked.flags, asked.parameters);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const wrongValue = error instanceof ConfigError;
    if (!wrongValue && code === undefined) throw error;
    process.stderr.write(`${wrongValue ? message : `The port cannot be opened: ${message}.`}\n`);
    process.exitCode = wrongValue ? 2 : 1;
  }
}

await main(process.argv.slice(2));
