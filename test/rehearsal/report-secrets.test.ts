import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { cases } from "../../src/rehearsal/cases.ts";
import { rehearse } from "../../src/rehearsal/rehearse.ts";
import { htmlReport } from "../../src/rehearsal/report/html.ts";
import { jsonReport } from "../../src/rehearsal/report/json.ts";
import { junitReport } from "../../src/rehearsal/report/junit.ts";
import { caseLine, summaryLines } from "../../src/rehearsal/report/terminal.ts";
import type { RehearsalResult } from "../../src/rehearsal/result.ts";
import { openMerchant } from "./merchant.ts";
import { caseResult, failure, resultOf } from "./results.ts";

const reportsOf = (result: RehearsalResult) => ({
  html: htmlReport(result, cases),
  junit: junitReport(result),
  json: JSON.stringify(jsonReport(result)),
  terminal: [...result.cases.map((one) => caseLine(one, true)), ...summaryLines(result, true)].join("\n"),
});

/** The merchant keeps its variables in a file, and shows its keys and a signature with each order. */
const leak = {
  find: "({ order }) => (showsOrder(order) ? { status: 200, body: view(order) } : { status: 404 }),",
  replace: `({ order }) => {
    const { NOMUPAY_HMAC_KEY: shared, NOMUPAY_PRIVATE_KEY: pem } = process.env;
    (await import("node:fs")).writeFileSync("variables.json", JSON.stringify({ shared, pem }));
    return { status: 200, body: { shared, lines: pem.split("\\n").slice(1, 2), ...view(order), status: "unpaid" } };
  },`,
};

test("no report has a key of the run, even if the merchant's pages show it", async () => {
  using merchant = await openMerchant("exemplary", leak);
  const result = await rehearse(merchant.plan, { directory: merchant.directory, only: ["paid_by_qr"] });
  const { shared, pem } = JSON.parse(readFileSync(join(merchant.directory, "variables.json"), "utf8"));
  const lines = (pem as string).split("\n").filter((line) => line.length >= 40 && !line.startsWith("-----"));
  expect(result.outcome).toBe("fail");
  expect(JSON.stringify(result)).toContain("[redacted]");
  for (const report of Object.values(reportsOf(result))) {
    for (const secret of [shared, ...lines]) expect(report).not.toContain(secret);
  }
});

test("no report shows a signature, a bearer token or a secret member", () => {
  const signature = `eyJhbGciOiJFUzI1NiJ9..${"Ab3_".repeat(22)}`;
  const text = `${signature} {"api_key":"k-12345"} Authorization: Bearer abc.def ?token=t-12345`;
  const timeline = [{ atMs: 1, actor: "merchant", text, detail: text }] as const;
  const result = resultOf([
    failure("paid_by_qr", { sentence: text, timeline }),
    caseResult("paid_on_phone", { timeline }),
  ]);
  for (const report of Object.values(reportsOf(result))) {
    expect(report).not.toMatch(/eyJ|Ab3_|k-12345|abc\.def|t-12345/);
    expect(report).toContain("[signature]");
  }
});

test("the error of a server that prints its key and ends has no key", async () => {
  const find = "openShop({ receive });";
  const replace = 'console.error("key:", process.env.NOMUPAY_HMAC_KEY); process.exit(1);';
  using merchant = await openMerchant("exemplary", { find, replace });
  const playing = rehearse(merchant.plan, { directory: merchant.directory, only: ["paid_by_qr"] });
  await expect(playing).rejects.toThrow("key: [redacted]");
});
