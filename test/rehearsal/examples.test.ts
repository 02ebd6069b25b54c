import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { freePort } from "../../scripts/free-port.ts";
import type { PlanInput } from "../../src/rehearsal/plan.ts";
import { rehearse } from "../../src/rehearsal/rehearse.ts";
import { pathWith } from "../support/installed.ts";
import { isFull } from "../support/scope.ts";

interface Example {
  /** Folder in `examples` with a `rehearsal.json`. */
  readonly name: string;
  /** Command that succeeds where the language and its libraries are installed. */
  readonly needs: readonly [program: string, ...args: string[]];
  /** Cases that do not apply to its design, besides those of all examples. */
  readonly notJudged: readonly string[];
  /** Whether its orders survive the end of the server. */
  readonly keepsOrders?: boolean;
}

/** A merchant that believes a signed notification needs no answer of the API to handle it. */
const trusts = ["api_down_at_webhook"];

const examples: readonly Example[] = [
  { name: "node", needs: ["node", "--version"], notJudged: [] },
  { name: "python", needs: ["python3", "-c", "import cryptography"], notJudged: trusts },
  { name: "ruby", needs: ["ruby", "-e", 'require "webrick"'], notJudged: trusts },
  {
    name: "php",
    needs: ["php", "-r", "exit(function_exists('openssl_sign') ? 0 : 1);"],
    notJudged: [],
    keepsOrders: true,
  },
  { name: "java", needs: ["sh", "-c", "javac -version && ls /usr/share/java/gson.jar"], notJudged: trusts },
  { name: "go", needs: ["go", "version"], notJudged: trusts },
];

/** Cases that no example can be judged by: there is no other flow on a phone, and no proxy, cart or stock. */
const notJudged = ["paid_on_phone", "webhook_behind_proxies", "cart_changed_after_checkout", "stock_back_once"];

/** Cases that read an order after the end of the server, so that they do not apply to orders in memory. */
const readsAfterEnd = ["killed_at_answer", "killed_in_the_middle", "restarted_between_duplicates"];

/** Cases that use each request of a plan once. */
const quick = ["paid_by_qr", "second_attempt", "refund_part", "captured_after_cancel", "webhook_never"];

/** The plan of an example on a free port, with limits for a test. */
async function planOf(directory: string, path: string): Promise<PlanInput> {
  const text = readFileSync(join(directory, "rehearsal.json"), "utf8");
  const { port } = new URL((JSON.parse(text) as PlanInput).webhookUrl);
  const plan = JSON.parse(text.replaceAll(port, String(await freePort()))) as PlanInput;
  const { start, order } = plan;
  if (start === undefined || order === undefined) throw new Error(`The plan in ${directory} has no start or no order.`);
  return {
    ...plan,
    start: { ...start, env: { ...start.env, PATH: path } },
    order: { ...order, limitMs: 2_000 },
    slowAnswerMs: 300,
  };
}

describe("the example merchant passes its rehearsal", () => {
  for (const { name, needs, notJudged: ofDesign, keepsOrders = false } of examples) {
    const path = pathWith(needs);
    // Where CI is set every language must be installed, so the test fails.
    const isAbsent = path === undefined && process.env.CI === undefined;
    const title = isAbsent ? `${name}: not run, because ${needs.join(" ")} fails` : name;
    test.skipIf(isAbsent)(title, { timeout: 120_000 }, async () => {
      const directory = join(import.meta.dirname, "../../examples", name);
      const plan = await planOf(directory, path ?? "");
      const { cases, outcome, preflight } = await rehearse(plan, { directory, ...(isFull ? {} : { only: quick }) });
      expect(preflight).toEqual([]);
      const wrong = cases.filter(({ verdict }) => verdict === "fail" || verdict === "warn");
      expect(wrong.map(({ id, sentence }) => [id, sentence])).toEqual([]);
      const open = cases.filter(({ verdict }) => verdict === "not_judged").map(({ id }) => id);
      const expected = [...notJudged, ...ofDesign, ...(keepsOrders ? [] : readsAfterEnd)];
      expect(open.toSorted()).toEqual(isFull ? expected.toSorted() : []);
      expect(outcome).toBe("pass");
    });
  }
});
