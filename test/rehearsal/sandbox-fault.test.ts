import { expect, test } from "vitest";
import { rehearse } from "../../src/rehearsal/rehearse.ts";
import { junitReport } from "../../src/rehearsal/report/junit.ts";
import { openMerchant } from "./merchant.ts";

/** Removes all payments when the server makes its second one: the next step of the case is impossible. */
const line = "const text = await response.text();";
const resetting = `${line}
  globalThis.creates = (globalThis.creates ?? 0) + Number(target.startsWith("/v1/payments?"));
  if (globalThis.creates === 2) await fetch(\`\${NOMUPAY_BASE_URL}/_sandbox/reset\`, { method: "POST" });`;

test("an error of the sandbox in one case is not judged there, and the other cases are played", async () => {
  using merchant = await openMerchant("exemplary", { find: line, replace: resetting });
  const only = ["paid_by_qr", "paid_on_phone"];
  const result = await rehearse(merchant.plan, { directory: merchant.directory, only, seed: "teal" });
  const faults = result.cases.filter(({ reason }) => reason === "sandbox_fault");
  expect(faults).toMatchObject([{ verdict: "not_judged", sentence: expect.stringContaining("a fault of its own") }]);
  expect(faults[0]?.timeline.at(-1)?.detail).toContain("at ");
  expect(result.cases.filter(({ verdict }) => verdict === "pass")).toHaveLength(1);
  expect(result.outcome).toBe("incomplete");
  const report = junitReport(result);
  expect(report).toContain('errors="1"');
  expect(report).toContain('type="sandbox_fault"');
});
