import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv } from "ajv";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runProgram } from "../../scripts/package/programs.ts";
import type { CaseResult } from "../../src/rehearsal/result.ts";
import { testOutcome } from "../../src/rehearsal/test-outcome.ts";
import { makeProject, type Project } from "../support/project.ts";
import { type MerchantFolder, openMerchant } from "./merchant.ts";
import { mutants } from "./mutants/mutants.ts";

const root = join(import.meta.dirname, "../..");

let project: Project;
beforeAll(() => {
  project = makeProject("rehearsal");
});
afterAll(() => project.remove());

const environmentOf = ({ plan, directory }: Pick<MerchantFolder, "plan" | "directory">) => ({
  MERCHANT: JSON.stringify({ plan, directory }),
});

test.each(["import.mjs", "require.cjs"])("the installed package rehearses a merchant: %s", async (file) => {
  using merchant = await openMerchant("exemplary");
  const env = { PATH: process.env.PATH, ...environmentOf(merchant) };
  const { code, out, err } = await runProgram(project.folder, process.execPath, [file], env);
  expect([code, err]).toEqual([0, ""]);
  expect(JSON.parse(out)).toEqual({ outcome: "pass", isSetupError: true, first: "paid_by_qr" });
});

describe("rehearsalTests", () => {
  interface Report {
    testResults: {
      message: string;
      assertionResults: { title: string; status: string; failureMessages: string[] }[];
    }[];
  }

  async function run(merchant: Pick<MerchantFolder, "plan" | "directory">) {
    const report = join(project.folder, "report.json");
    const args = ["run", "--root", project.folder, "--reporter=json", `--outputFile=${report}`];
    const { code, out, err } = await project.run("vitest/vitest.mjs", args, environmentOf(merchant));
    if (code === null) throw new Error(out + err);
    const { testResults } = JSON.parse(readFileSync(report, "utf8")) as Report;
    return { code, results: testResults.flatMap(({ assertionResults }) => assertionResults) };
  }

  test("has a test for each case, which passes for a right merchant", async () => {
    using merchant = await openMerchant("exemplary");
    const { code, results } = await run(merchant);
    expect(results.flatMap(({ failureMessages }) => failureMessages)).toEqual([]);
    expect(results.map(({ title, status }) => [title.split(":")[0], status])).toEqual([
      ["the rehearsal runs, and an ordinary purchase works", "passed"],
      ["paid_by_qr", "passed"],
      ["paid_on_phone", "passed"],
    ]);
    expect(code).toBe(0);
  });

  test("fails with what was seen, the advice and the timeline", async () => {
    using merchant = await openMerchant(
      "exemplary",
      mutants.find(({ fails }) => fails[0] === "paid_by_qr"),
    );
    const { code, results } = await run(merchant);
    const [, failed] = results;
    expect(results.map(({ status }) => status)).toEqual(["passed", "failed", "failed"]);
    expect(failed?.failureMessages.join()).toMatch(/\n\n(.*\n)+\n +\d+ ms {2}payer starts a checkout\n/);
    expect(code).toBe(1);
  });

  test("fails once with the sentence of a wrong setup", async () => {
    using merchant = await openMerchant("exemplary", undefined, { start: { command: "exit 7" } });
    const { code, results } = await run(merchant);
    expect(results.map(({ status }) => status)).toEqual(["failed", "skipped", "skipped"]);
    expect(results[0]?.failureMessages.join()).toContain("The server (exit 7) has ended: it exited with 7.");
    expect(code).toBe(1);
  });
});

describe("the test of a case that is", () => {
  const timeline = [{ atMs: 12, actor: "payer", text: "pays" }] as const;
  const base = { id: "x", group: "money", title: "X", cause: "x", durationMs: 1, timeline, sentence: "Seen." } as const;
  const missing = "missing_hook" as const;

  test.each<[Pick<CaseResult, "verdict" | "severity" | "reason" | "accepted" | "isNew">, kind: string, text: string]>([
    [{ verdict: "pass", severity: "critical" }, "pass", ""],
    [{ verdict: "warn", severity: "critical" }, "warn", "Seen. Change it."],
    [{ verdict: "fail", severity: "minor" }, "fail", "Seen.\n\nChange it.\n\n    12 ms  payer pays"],
    [
      { verdict: "fail", severity: "critical", accepted: { reason: "Ticket 7", until: "2027-01-31" } },
      "skip",
      "Accepted until 2027-01-31: Ticket 7 (Seen.)",
    ],
    [{ verdict: "not_judged", severity: "critical", reason: missing, isNew: true }, "skip", "Seen."],
    [{ verdict: "not_judged", severity: "serious", reason: missing }, "skip", "Seen."],
    [{ verdict: "not_judged", severity: "serious", reason: "unclear" }, "skip", "Seen."],
    [{ verdict: "not_judged", severity: "critical", reason: "does_not_apply" }, "skip", "Seen."],
    [{ verdict: "not_judged", severity: "minor", reason: "sandbox_fault" }, "fail", "Seen.\n\n    12 ms  payer pays"],
    [
      { verdict: "not_judged", severity: "critical", reason: missing },
      "fail",
      "Not judged, although it is critical: Seen.\n\n    12 ms  payer pays",
    ],
  ])("%o: %s", (result, kind, text) => {
    expect(testOutcome({ ...base, ...result }, { advice: "Change it." })).toEqual({ kind, text });
  });
});

describe("the schema of rehearsal.json", () => {
  const read = (path: string) => readFileSync(join(root, path), "utf8");
  const validate = new Ajv({ allErrors: true, strict: false }).compile(JSON.parse(read("dist/rehearsal.schema.json")));

  test("accepts the example of the documentation, which names it", () => {
    const [, example = ""] = /```json\n(\{.*?\n\})\n```/s.exec(read("docs/reference/rehearsal.md")) ?? [];
    const file = JSON.parse(example);
    expect(file.$schema).toBe("./node_modules/alipay-hk-sandbox/dist/rehearsal.schema.json");
    expect([validate(file), validate.errors]).toEqual([true, null]);
  });

  test("accepts the plan of a merchant, and refuses an unknown member", async () => {
    using merchant = await openMerchant("exemplary");
    expect([validate(merchant.plan), validate.errors]).toEqual([true, null]);
    expect(validate({ ...merchant.plan, webhookURL: "http://localhost" })).toBe(false);
  });
});
