import { writeFileSync } from "node:fs";
import { signRequest } from "../client/signing.ts";
import type { TargetOptions } from "../compare/target.ts";
import { isLoopback } from "../config/addresses.ts";
import { ConfigError, configFromCommandLine } from "../config/config.ts";
import { type MerchantVariables, readMerchantVariables } from "../config/merchant-variables.ts";
import { escapeControlCharacters } from "../domain/control-characters.ts";
import { shortOrIsoDurationMs } from "../domain/duration.ts";
import { type Command, type Flags, optionFlags } from "./command.ts";

export const compare: Command = {
  name: "compare",
  summary: "asks another implementation of the API what it does where the provider's pages are silent",
  parameters: [],
  flags: [
    { name: "base-url", placeholder: "URL", help: "its address, without path (default NOMUPAY_BASE_URL)" },
    {
      name: "i-have-a-test-account",
      help: "required if the address is not this machine: the keys are of no live account",
    },
    { name: "yes", help: "creates payments without asking" },
    {
      name: "payer-command",
      placeholder: "COMMAND",
      help: "runs for the payer in the shell: $1 is pay, cancel, decline, expire, fail, return or wait; $2 is the page",
    },
    { name: "no-payer", help: "skips what needs a payer" },
    {
      name: "webhook-url",
      placeholder: "URL",
      help: "where it sends notifications; the URL must lead to this program",
    },
    { name: "webhook-port", placeholder: "PORT", help: "port of this program (default that of a local --webhook-url)" },
    { name: "return-url", placeholder: "URL", help: "returnUrl of the payments (default https://example.com/return)" },
    { name: "timeout", placeholder: "DURATION", help: "how long to wait for an answer (default 30s)" },
    { name: "write", placeholder: "FILE", help: "writes the profile that was found, for --config" },
    { name: "json", help: "prints a JSON object" },
    ...optionFlags(["config"]),
  ],
  notes: [
    "Exit codes: 0 if all is the same, 1 if something differs, 2 if something was not reached or an argument is wrong.",
  ],
  run,
};

async function run(flags: Flags): Promise<void> {
  const { settings } = configFromCommandLine({ config: flags.config, log: "silent" });
  const merchant = readMerchantVariables();
  const baseUrl = await baseUrlOf(flags["base-url"] ?? merchant.baseUrl, flags["i-have-a-test-account"] !== undefined);
  const { redactor, reportLines, reportObject, fileContent, exitCodeOf } = await import("../compare/report.ts");
  const redact = redactor(merchant);
  requireKey(merchant);
  const options: TargetOptions = {
    baseUrl,
    keys: merchant,
    payer: await payerOf(flags),
    returnUrl: flags["return-url"] ?? "https://example.com/return",
    webhook: webhookOf(flags),
    timeoutMs: timeoutOf(flags),
  };
  await confirmCosts(flags, options);
  const { openTarget } = await import("../compare/target.ts");
  const { compare: compareWith } = await import("../compare/compare.ts");
  const { randomIds } = await import("../platform/ids.ts");
  await using target = await openTarget(options).catch((error: Error) => {
    throw new ConfigError(`--webhook-port cannot be opened: ${error.message}`);
  });
  const onStep = process.stderr.isTTY
    ? (step: string) => void process.stderr.write(`${escapeControlCharacters(redact(step))}\n`)
    : () => undefined;
  const run = randomIds().token("run", "").slice(0, 8);
  const comparison = await compareWith({ target: target.subject, ours: settings.contract, run, onStep });
  const text =
    flags.json === undefined
      ? reportLines(comparison).map(escapeControlCharacters).join("\n")
      : JSON.stringify(reportObject(baseUrl, comparison), null, 2);
  process.stdout.write(`${redact(text)}\n`);
  const { stopped } = comparison;
  if (flags.write !== undefined && stopped === undefined) write(flags.write, fileContent(comparison));
  if (flags.write !== undefined && stopped !== undefined) {
    const reason = `${flags.write} was not written: the comparison stopped, because ${stopped}`;
    process.stderr.write(`${escapeControlCharacters(redact(reason))}\n`);
  }
  process.exitCode = exitCodeOf(comparison);
}

/** Throws `ConfigError`, which does not show the key, if it cannot sign. */
function requireKey({ kid, privateKey }: MerchantVariables): void {
  try {
    signRequest({ method: "GET", target: "/", kid, privateKey });
  } catch {
    throw new ConfigError("NOMUPAY_PRIVATE_KEY is no private key on P-256; expected PEM (PKCS #8).");
  }
}

/** The origin of the target. Throws `ConfigError` for a live host, and for any other machine without consent. */
async function baseUrlOf(given: string | undefined, hasTestAccount: boolean): Promise<string> {
  if (given === undefined) throw new ConfigError("--base-url is missing; expected the address of an API.");
  if (!/^https?:\/\/[^\s/?#@]+\/?$/i.test(given) || !URL.canParse(given)) {
    throw new ConfigError(`--base-url is ${JSON.stringify(given)}; expected an address without path.`);
  }
  const { isLiveHost } = await import("../compare/safety.ts");
  const { origin, hostname } = new URL(given);
  if (isLiveHost(hostname)) {
    throw new ConfigError(`--base-url is ${origin}: that is the provider's live system, which is never compared.`);
  }
  if (isLoopback(hostname) || hasTestAccount) return origin;
  throw new ConfigError(
    `--base-url is ${origin}, which is not this machine; expected --i-have-a-test-account if the keys are of one.`,
  );
}

async function payerOf(flags: Flags): Promise<TargetOptions["payer"]> {
  const command = flags["payer-command"];
  if (flags["no-payer"] !== undefined) {
    if (command === undefined) return undefined;
    throw new ConfigError("--payer-command and --no-payer exclude each other.");
  }
  const { commandPayer, personalPayer } = await import("./compare-payer.ts");
  if (command !== undefined) return commandPayer(command);
  if (process.stdin.isTTY) return personalPayer;
  throw new ConfigError("There is no terminal to ask a payer in; expected --payer-command or --no-payer.");
}

function webhookOf(flags: Flags): TargetOptions["webhook"] {
  const { "webhook-url": url, "webhook-port": givenPort } = flags;
  if (url === undefined && givenPort === undefined) return undefined;
  if (url === undefined || !/^https?:\/\/[^\s#@]+$/i.test(url) || !URL.canParse(url)) {
    throw new ConfigError(`--webhook-url is ${JSON.stringify(url)}; expected an http or https URL.`);
  }
  const { hostname, port, protocol } = new URL(url);
  if (givenPort === undefined && !isLoopback(hostname)) {
    throw new ConfigError(`--webhook-port is missing; expected the port to which ${url} leads.`);
  }
  const number = Number(givenPort ?? (port || (protocol === "https:" ? 443 : 80)));
  if (!Number.isInteger(number) || number < 1 || number > 65_535) {
    throw new ConfigError(`--webhook-port is ${JSON.stringify(givenPort)}; expected a port from 1 to 65535.`);
  }
  // A tunnel or a proxy is on this machine. Another machine that sends plain HTTP needs an open port.
  const host = isLoopback(hostname) || protocol === "https:" ? "127.0.0.1" : "0.0.0.0";
  return { url, host, port: number };
}

function timeoutOf({ timeout = "30s" }: Flags): number {
  const timeoutMs = shortOrIsoDurationMs(timeout) ?? 0;
  if (timeoutMs > 0 && timeoutMs <= 600_000) return timeoutMs;
  throw new ConfigError(`--timeout is ${JSON.stringify(timeout)}; expected a duration of at most 10m, such as 30s.`);
}

/** Says what the comparison creates, and asks. Throws `ConfigError` without consent. */
async function confirmCosts(flags: Flags, { baseUrl, keys, payer, webhook }: TargetOptions): Promise<void> {
  const { plannedCosts } = await import("../compare/script.ts");
  const costs = plannedCosts({ hasPayer: payer !== undefined, hasWebhook: webhook !== undefined });
  const lines = [
    `At ${baseUrl}, in the processing account ${keys.processingAccountId}, this creates:`,
    ...costs.map((cost) => `- ${cost}`),
    "A wrong request that the target accepts by mistake is a payment too.",
  ];
  process.stderr.write(`${lines.map(escapeControlCharacters).join("\n")}\n`);
  if (flags.yes !== undefined) return;
  if (!process.stdin.isTTY) throw new ConfigError("There is no terminal to ask in; expected --yes.");
  const { askInTerminal } = await import("./compare-payer.ts");
  const answer = await askInTerminal("Go on? Write yes: ").catch(() => "no");
  if (!/^y(es)?$/i.test(answer)) throw new ConfigError("Nothing was created.");
}

function write(path: string, content: object): void {
  try {
    writeFileSync(path, `${JSON.stringify(content, null, 2)}\n`);
  } catch (error) {
    throw new ConfigError(`--write is ${JSON.stringify(path)}, which cannot be written: ${(error as Error).message}`);
  }
}
