import { expect, test } from "vitest";
import { rehearse } from "../../src/rehearsal/rehearse.ts";
import { openMerchant } from "./merchant.ts";
import type { Mutant } from "./mutants/mutant.ts";

const receiving = "await receive(JSON.parse(text));";

/** Rehearses the exemplary merchant with a wrong line. */
async function play(mutant: Pick<Mutant, "find" | "replace">, only: readonly string[]) {
  using merchant = await openMerchant("exemplary", mutant);
  return await rehearse(merchant.plan, { directory: merchant.directory, only });
}

test("a message that ends the server is one finding, and the other cases are played", async () => {
  const end = `if (!["payment", "refund"].includes(JSON.parse(text).type)) process.exit(3); ${receiving}`;
  const ids = ["paid_by_qr", "paid_on_phone", "webhook_unknown_type", "webhook_before_return", "books_agree"];
  const { cases, findings } = await play({ find: receiving, replace: end }, ids);
  const others = cases.filter(({ id }) => id !== "webhook_unknown_type");
  expect(others.map(({ verdict }) => verdict)).toEqual(["pass", "pass", "pass", "pass"]);
  expect(findings).toMatchObject([
    {
      cause: "server_ended",
      cases: ["webhook_unknown_type"],
      sentence: expect.stringContaining("it exited with 3"),
      advice: expect.stringContaining("must never end the process"),
    },
  ]);
});

test("a server that does not start again is one finding, and the rest is blocked", async () => {
  const find = "openShop({ receive });";
  const replace =
    'const { existsSync, writeFileSync } = await import("node:fs"); ' +
    `if (existsSync("lock")) throw new Error("locked"); writeFileSync("lock", ""); ${find}`;
  const ids = ["paid_by_qr", "restarted_between_duplicates", "keys_old_retired", "requests_signed", "books_agree"];
  const { cases, findings, outcome } = await play({ find, replace }, ids);
  expect(cases.map(({ verdict, reason }) => `${verdict} ${reason ?? ""}`.trim())).toEqual([
    "pass",
    "fail",
    "not_judged blocked",
    "not_judged blocked",
    "not_judged blocked",
  ]);
  expect(findings).toMatchObject([{ cause: "server_does_not_start", sentence: expect.stringContaining("locked") }]);
  expect(outcome).toBe("fail");
});

test.for([
  ["are new", "process.pid * 1_000 + orders.size", ["pass", "pass", "pass", "pass"]],
  ["begin again", "orders.size", ["pass", "pass", "not_judged unclear", "not_judged unclear"]],
] as const)("the orders of a server are lost when it ends, and their numbers %s", async ([, number, expected]) => {
  using merchant = await openMerchant("exemplary", { find: "1001 + orders.size", replace: number });
  const start = { command: "rm -f orders.json; exec node exemplary.mjs", keepsOrders: false };
  const plan = { ...merchant.plan, start: { ...merchant.plan.start, ...start } };
  const only = ["paid_by_qr", "books_agree", "forged_retired_key", "keys_old_retired"];
  const { cases } = await rehearse(plan, { directory: merchant.directory, only });
  const verdicts = cases.map(({ id, verdict, reason }) => [id, `${verdict} ${reason ?? ""}`.trim()]);
  expect(Object.fromEntries(verdicts)).toEqual(Object.fromEntries(only.map((id, index) => [id, expected[index]])));
});

test("a server that ends at the first notification is a finding of the preflight", async () => {
  const { preflight, outcome } = await play({ find: receiving, replace: "process.exit(3);" }, ["paid_by_qr"]);
  expect(preflight).toMatchObject([{ id: "server_ended", sentence: expect.stringContaining("it exited with 3") }]);
  expect(outcome).toBe("fail");
});
