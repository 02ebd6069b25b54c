import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { type Sandbox, withSandbox } from "../../src/index.ts";
import { createPaidPayment, createPayment, frozenSandbox, get, post } from "../support/merchant.ts";
import { submit, testids } from "./reading.ts";

/** Names of elements that show something and are not in the table. */
const notControls = [
  ...["sandbox-notice", "base-url", "announcement", "world", "queue-empty", "environment", "return-url", "left", "why"],
  ...["busy-worlds", "no-refund", "phone-shop"],
  ...["refund", "notification", "notification-state", "payments", "requests"],
];

const documentation = readFileSync(new URL("../../docs/inspector.md", import.meta.url), "utf8");

/** Names in the second column of the table. */
function documented(): string[] {
  const rows = documentation
    .split("\n")
    .filter((line) => /^\| [^|]+ \| .*`.* \|$/.test(line))
    .slice(1);
  const names = rows.flatMap((row) =>
    [...(row.split("|")[2] ?? "").matchAll(/`([^`]+)`/g)].map(([, name = ""]) => name),
  );
  return names.filter((name) => !name.startsWith("data-"));
}

/** Every page, in every state with controls of its own. */
async function* everyPage(sandbox: Sandbox): AsyncGenerator<string> {
  const show = async (path: string) => (await get(sandbox, path)).text;
  yield await show("/");
  const pending = await createPayment(sandbox);
  const paid = await createPaidPayment(sandbox);
  await sandbox.settle();
  await sandbox.payments.refund(paid.id, { amount: 1 });
  const captured = await createPaidPayment(sandbox);
  await get(sandbox, `/v1/payments/${pending.id}`, { "X-Signature": "a.b" });
  const failed = await createPaidPayment(sandbox);
  const { id: refundId } = await sandbox.payments.refund(failed.id);
  await submit(sandbox, `/inspector/refunds/${refundId}/act`, { action: "fail" });
  for (const { id } of [pending, paid, captured, failed]) yield await show(`/inspector/payments/${id}`);
  for (let asked = 0; asked < 50; asked += 1) await createPayment(sandbox);
  const { processingAccountId: empty } = await sandbox.world();
  yield await show(`/?world=${empty}`);
  await post(sandbox, "/_sandbox/scenarios/next", { scenario: "paid" });
  await sandbox.clock.run();
  for (const path of ["/", "/inspector/controls", "/inspector/requests?requests=all", "/inspector/payments/none"]) {
    yield await show(path);
  }
  yield await show("/inspector/requests/1/command");
  yield await show("/?q=nothing");
  const [, older = ""] = /href="([^"]*)" data-testid="older"/.exec(await show("/")) ?? [];
  yield await show(older);
  yield await show("/inspector/requests?requests=all&before=2");
  await submit(sandbox, "/inspector/endpoint", { webhookUrl: "" });
  yield await show(`/inspector/payments/${captured.id}`);
  yield (await submit(sandbox, "/inspector/clock/advance", { form: "advance", by: "tomorrow" })).text;
  const { headers } = await submit(sandbox, "/inspector/clock", { mode: "frozen" });
  yield await show(headers.get("location") ?? "");
}

test("docs/inspector.md lists the data-testid of every control and no other", async () => {
  const found = new Set<string>();
  await using sandbox = await frozenSandbox({ demo: true, webhook: async () => new Response("no", { status: 500 }) });
  for await (const html of everyPage(sandbox)) for (const name of testids(html)) found.add(name);
  await withSandbox({ adminToken: "secret" }, async (gated) => {
    const page = await fetch(await gated.listen());
    for (const name of testids(await page.text())) found.add(name);
    for (const name of testids((await get(gated, "/")).text)) found.add(name);
  });
  await withSandbox({ demo: true, publicUrl: "http://192.168.1.20:8852" }, async (reachable) => {
    await createPayment(reachable);
    for (const name of testids((await get(reachable, "/")).text)) found.add(name);
  });
  const names = documented();
  expect(names.length).toBeGreaterThan(80);
  expect(names.filter((name) => !found.has(name))).toEqual([]);
  const controls = [...found].filter((name) => !notControls.includes(name));
  expect(controls.filter((name) => !names.includes(name))).toEqual([]);
});
