import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { type Sandbox, signRequest, withSandbox } from "../../src/index.ts";
import { createPaidPayment, createPayment, frozenSandbox, get, post } from "../support/merchant.ts";
import { submit, testids } from "./reading.ts";

/** Names of elements that show something and are not in the table. */
const notControls = [
  ...["sandbox-notice", "base-url", "announcement", "dialog-announcement", "queue-empty", "environment", "return-url"],
  ...["left", "why", "worlds-hidden", "busy-worlds", "no-refund", "phone-shop", "selected-payment"],
  ...["refund", "notification", "notification-state", "payments", "requests"],
  ...["webhooks", "attempts", "first-webhook"],
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

/** The pages of webhooks. */
async function* webhookPages(sandbox: Sandbox): AsyncGenerator<string> {
  const show = async (path: string) => (await get(sandbox, path)).text;
  const list = await show("/inspector/webhooks");
  yield list;
  const [first, ...others] = (await get(sandbox, "/_sandbox/notifications")).body.data;
  for (let made = 0; made < 50 - others.length; made += 1) await createPaidPayment(sandbox);
  await sandbox.settle();
  const [, older = ""] = /href="([^"]*)" data-testid="older-webhooks"/.exec(await show("/inspector/webhooks")) ?? [];
  yield await show(older.replaceAll("&amp;", "&"));
  yield await show(`/inspector/webhooks?notification=${first.id}`);
  yield await show(`/inspector/webhooks/${first.id}/command`);
  yield await show("/inspector/webhooks?deliveries=delivered");
  const { headers } = await sandbox.fetch("/inspector/notifications/resend-failed", {
    method: "POST",
    body: "back=/inspector/webhooks",
  });
  yield await show(headers.get("location") ?? "");
  await submit(sandbox, "/inspector/endpoint", { webhookUrl: "" });
  await createPaidPayment(sandbox);
  const [unsent] = (await get(sandbox, "/_sandbox/notifications")).body.data;
  yield await show(`/inspector/webhooks?notification=${unsent.id}`);
  yield await show("/inspector/webhooks");
}

/** The page of the rules at the defaults and changed, and a payment that was created before the change. */
async function* rulePages(sandbox: Sandbox, payment: string): AsyncGenerator<string> {
  yield (await get(sandbox, "/inspector/rules")).text;
  await sandbox.change({ contract: { returnParameters: [{ name: "order", value: "x".repeat(99) }] } });
  yield (await get(sandbox, "/inspector/rules")).text;
  yield (await get(sandbox, `/inspector/payments/${payment}`)).text;
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
  for (const path of [
    "/",
    "/inspector/controls",
    "/inspector/connect",
    "/inspector/requests?requests=all",
    "/inspector/payments/none",
  ]) {
    yield await show(path);
  }
  yield await show("/inspector/requests/1/command");
  yield await show("/?q=nothing&from=yesterday");
  yield await show(`/inspector/payments/${pending.id}`);
  const [, older = ""] = /href="([^"]*)" data-testid="older"/.exec(await show("/")) ?? [];
  yield await show(older);
  yield await show("/inspector/requests?requests=all&before=2");
  yield* webhookPages(sandbox);
  yield await show(`/inspector/payments/${captured.id}`);
  yield* rulePages(sandbox, captured.id);
  yield (await submit(sandbox, "/inspector/clock/advance", { form: "advance", by: "tomorrow" })).text;
  const { headers } = await submit(sandbox, "/inspector/clock", { mode: "frozen" });
  yield await show(headers.get("location") ?? "");
  yield* everyPageOfDoctor(sandbox);
}

async function* everyPageOfDoctor(sandbox: Sandbox): AsyncGenerator<string> {
  const { kid, privateKey = "" } = sandbox.credentials;
  const show = async (path: string) => (await get(sandbox, path)).text;
  for (let sent = 0; sent < 6; sent += 1) {
    const signature = signRequest({ method: "GET", target: "/v1/payments", body: "{}", kid, privateKey });
    await get(sandbox, "/v1/payments", { "X-Signature": signature });
  }
  const calls = await show("/inspector/requests?requests=wrong");
  yield await show("/inspector/doctor");
  yield await show(/href="([^"]*)" data-testid="to-doctor"/.exec(calls)?.[1]?.replace("&amp;", "&") ?? "");
  const ask = async (form: Record<string, string>) => (await submit(sandbox, "/inspector/doctor", form)).text;
  yield await ask({ about: "request", text: "GET /v1/payments", sign: "yes" });
  yield await ask({ about: "request", text: "" });
  const { headers, text } = await get(sandbox, "/v1/payments?limit=1");
  const message = `X-Signature: ${headers.get("X-Signature")}\n\n${text}`;
  yield await ask({ about: "message", kind: "response", text: message });
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
