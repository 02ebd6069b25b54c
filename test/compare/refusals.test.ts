import { afterAll, describe, expect, test } from "vitest";
import type { SandboxOptions } from "../../src/index.ts";
import { openCommandLine } from "../support/command-line.ts";
import { compareFully, stageTarget } from "./stage.ts";

const commands = openCommandLine();
afterAll(() => commands[Symbol.asyncDispose]());

type Settings = NonNullable<SandboxOptions["settings"]>;

describe("compare takes no refusal for a rule, and writes nothing of it: a target", () => {
  const refunds = ["refundedStatus", "partialRefunds", "refundMode", "refundReference", "refundNotifications"];
  const queue = ["notificationQueue"];
  test.each<[what: string, settings: Settings, rules: readonly string[], why: RegExp]>([
    ["that refuses all refunds", { refundWindowMs: 1 }, refunds, /^"?(refund|track)|an earlier step/],
    [
      "with a queue that drops a notification at its first refusal",
      { contract: { notificationQueue: "endpoint_blocks", retrySchedule: [] } },
      queue,
      /^the refused notification was not sent again/,
    ],
    [
      "with a queue that drops a notification after a second",
      { contract: { notificationQueue: "endpoint_blocks", retrySchedule: [1_000] } },
      queue,
      /^the refused notification was not sent again/,
    ],
  ])("%s", async (_, settings, rules, why) => {
    await using target = await stageTarget({ settings });
    const { report, contract } = await compareFully(commands, target);
    expect(report.rules.filter(({ verdict }) => verdict === "not_reached")).toEqual(
      report.rules
        .filter(({ rule }) => rules.includes(rule))
        .map(({ rule }) => ({ rule, verdict: "not_reached", why: expect.stringMatching(why) })),
    );
    expect(report.rules.filter(({ rule }) => rules.includes(rule))).toHaveLength(rules.length);
    expect(Object.keys(contract ?? {}).filter((rule) => rules.includes(rule))).toEqual([]);
  });
});
