import { readFileSync } from "node:fs";
import { expect } from "vitest";
import { freePort } from "../../scripts/free-port.ts";
import { contractSpelling } from "../../src/domain/contract.ts";
import { contractRuleNames, contractRules } from "../../src/domain/contract-rules.ts";
import { createSandbox, type Sandbox, type SandboxOptions } from "../../src/index.ts";
import type { CommandLine } from "../support/command-line.ts";
import { fileWith } from "../support/program.ts";

export type Contract = NonNullable<NonNullable<SandboxOptions["settings"]>["contract"]>;

/** Acts for the payer through the control API of the sandbox at `$SANDBOX_URL`. */
export const payerCommand = `sh ${new URL("payer.sh", import.meta.url).pathname} "$1" "$2"`;

/** A sandbox on a socket, to be compared as if it were another implementation. */
export interface StagedTarget extends AsyncDisposable {
  readonly sandbox: Sandbox;
  readonly url: string;
  readonly webhookUrl: string;
  /** Variables of the merchant's program. */
  readonly environment: Readonly<Record<string, string>>;
}

export async function stageTarget(options: SandboxOptions = {}): Promise<StagedTarget> {
  const webhookUrl = `http://127.0.0.1:${await freePort()}/webhooks`;
  const sandbox = await createSandbox({ auth: "require", log: "silent", webhook: webhookUrl, ...options });
  const url = await sandbox.listen();
  const { kid, privateKey, hmacKey, processingAccountId } = sandbox.credentials;
  return {
    sandbox,
    url,
    webhookUrl,
    environment: {
      SANDBOX_URL: url,
      NOMUPAY_BASE_URL: url,
      NOMUPAY_KID: kid,
      NOMUPAY_PRIVATE_KEY: privateKey.replaceAll("\n", "\\n"),
      NOMUPAY_HMAC_KEY: hmacKey,
      NOMUPAY_PROCESSING_ACCOUNT_ID: processingAccountId,
    },
    [Symbol.asyncDispose]: () => sandbox[Symbol.asyncDispose](),
  };
}

/** What `compare --json` prints. */
export interface ComparisonReport {
  readonly verdict: string;
  readonly stopped?: string;
  readonly rules: readonly { rule: string; verdict: string; theirs?: unknown; ours?: unknown; why?: string }[];
  readonly answers: readonly {
    step: string;
    differences: readonly { member: string; theirs: string; ours: string }[];
  }[];
}

/** Compares a target with everything that can be measured, and reads the profile that was written. */
export async function compareFully(commands: CommandLine, target: StagedTarget, ...args: readonly string[]) {
  const file = fileWith({}, "contract.json");
  const all = ["compare", "--yes", "--json", "--write", file, "--payer-command", payerCommand];
  const end = await commands.run([...all, "--webhook-url", target.webhookUrl, ...args], target.environment);
  if (end.out === "") throw new Error(`no report: ${end.err}`);
  const { settings } = JSON.parse(readFileSync(file, "utf8"));
  return { ...end, report: JSON.parse(end.out) as ComparisonReport, contract: settings?.contract, file };
}

/** The rules of a profile that can be measured, as files spell them. */
function measurable(contract: Contract): object {
  const inside = contractSpelling.code?.read(contract, (name, value) => {
    throw new Error(`${name} cannot be ${JSON.stringify(value)}`);
  });
  const written = contractSpelling.write?.(inside ?? {}) ?? {};
  const isMeasured = (name: string) => contractRules[name as keyof typeof contractRules].measured !== "never";
  return Object.fromEntries(Object.entries(written).filter(([name]) => isMeasured(name)));
}

/** Whether all retries may be over within ten seconds, before the comparison knows what waits for the first one. */
function mayDrop({ retrySchedule = "provider" }: Contract): boolean {
  if (retrySchedule === "provider") return false;
  return retrySchedule.every((delay) => typeof delay === "number" && delay < 10_000);
}

/** Compares a sandbox under a profile, and expects that profile back. */
export async function expectRoundTrip(commands: CommandLine, contract: Contract): Promise<void> {
  await using target = await stageTarget({ settings: { contract } });
  const found = await compareFully(commands, target);
  const reached = found.report.rules.filter(({ verdict }) => verdict !== "not_reached").map(({ rule }) => rule);
  const isQueueMissing = mayDrop(contract) && !reached.includes("notificationQueue");
  const { notificationQueue, ...others } = contract;
  const expected = measurable(isQueueMissing ? others : contract);
  expect(found.contract).toEqual(expected);
  expect(found.report.answers.filter(({ differences }) => differences.length > 0)).toEqual([]);
  expect(reached).toEqual(contractRuleNames.filter((rule) => !(isQueueMissing && rule === "notificationQueue")));
  expect(found.report.rules.filter(({ verdict }) => !["same", "different", "not_reached"].includes(verdict))).toEqual(
    contractRuleNames
      .filter((rule) => contractRules[rule].measured === "never")
      .map((rule) => ({ rule, verdict: "not_measured", why: expect.any(String) })),
  );
  expect(found.code).toBe(Object.keys(expected).length > 0 ? 1 : isQueueMissing ? 2 : 0);
}
