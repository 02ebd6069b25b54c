import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { createSandbox, type Sandbox, signRequest } from "../src/index.ts";
import { viewsOf } from "../test/compatibility/views.ts";

// Makes the files of fixtures/compatibility from the code of this checkout: tsx scripts/compatibility-fixtures.ts 0.1
// The database comes from SANDBOX_TEST_DATABASE_URL: an empty one, whose major version is that of pg_dump.

const [version = ""] = process.argv.slice(2);
const { SANDBOX_TEST_DATABASE_URL: databaseUrl = "" } = process.env;
const folder = join(import.meta.dirname, "../fixtures/compatibility");
const schema = "compatibility_fixture";
const receiverPort = 18_852;
const webhookUrl = `http://127.0.0.1:${receiverPort}/webhooks`;
const clock = "2026-01-05T09:00:00.000Z";
const publicUrl = "http://127.0.0.1:8852";
const settings = {
  webhookUrl,
  merchantName: "Harbour Coffee",
  expiry: "PT20M",
  amountMax: 60_000,
  returnDelay: "PT1S",
};

/**
 * The world with everything in it, a world with a running clock, one with a delivery under way, one of the first use.
 */
const worlds = {
  full: "0ujtsYcgvSTl8PAuAdqWYSMnLOv",
  running: "37pcl4ZasJqoxOVsr8xlqywRx5c",
  delivering: "37pcl7rqBUkRDu2sgHvNQDSXxzS",
  firstUse: "37pclAVOQPLoadY9AY3DaEWpPMs",
};

type Json = Record<string, unknown> & { readonly id: string };

/** Sends requests with a JSON body, and rejects on a status that is not expected. */
function client(sandbox: Sandbox, processingAccountId: string) {
  const send = async (
    method: string,
    target: string,
    body?: object,
    init: { status?: number; headers?: object } = {},
  ) => {
    const text = body === undefined ? {} : { body: JSON.stringify(body) };
    const response = await sandbox.fetch(target, { method, ...text, headers: { ...init.headers } });
    const answer = await response.text();
    const isExpected = init.status === undefined ? response.ok : response.status === init.status;
    if (!isExpected) throw new Error(`${method} ${target}: ${response.status} ${answer}`);
    return (answer.startsWith("{") ? JSON.parse(answer) : { text: answer }) as Json;
  };
  const control = (path: string, body: object = {}) =>
    send("POST", `/_sandbox${path}`, { processingAccountId, ...body });
  const order = (merchantReference: string, value = 200, flowType = "qr_link") => ({
    processingAccountId,
    merchantReference,
    amount: { value, currency: "hkd" },
    paymentMethod: { type: "alipay_hk", alipayHk: { returnUrl: "https://merchant.site/complete-payment", flowType } },
  });
  const pay = (reference: string, value?: number, init: object = {}, flowType?: string) =>
    send("POST", "/v1/payments", order(reference, value, flowType), init);
  const act = (id: string, action: string, details: object = {}) =>
    send("POST", `/_sandbox/payments/${id}/actions`, { action, ...details });
  const paid = async (reference: string, value?: number) => {
    const payment = await pay(reference, value);
    await act(payment.id, "pay");
    await control("/settle");
    return payment;
  };
  const advance = (by: string) => control("/clock/advance", { by });
  const patch = (changes: object) => send("PATCH", `/_sandbox/worlds/${processingAccountId}`, { settings: changes });
  return { send, control, order, pay, act, paid, advance, patch };
}

/** Adds payments, refunds and notifications that ended in the other states. */
async function addEnded({ send, control, pay, act, paid, advance, patch }: ReturnType<typeof client>): Promise<void> {
  await paid("exhausted");
  await advance("P5D");
  const { data } = (await send("GET", `/_sandbox/notifications?processingAccountId=${worlds.full}`)) as unknown as {
    data: Json[];
  };
  await send("POST", `/_sandbox/notifications/${data[0]?.id}/resend`);
  await control("/settle");
  await send("POST", `/v1/payments/${(await paid("refunded")).id}/refunds`, { merchantReference: "whole" });
  await advance("PT3S");
  const failing = await pay("refund fails", 8888.3);
  await advance("PT3S");
  await send("POST", `/v1/payments/${failing.id}/refunds`, { merchantReference: "fails" });
  await advance("PT3S");
  await act((await pay("cancelled")).id, "cancel");
  await pay("lying return", 8888.11);
  await pay("repeated", 8888.2);
  await pay("suppressed", 8888.22);
  await advance("PT3S");
  await patch({ webhookUrl: null });
  await paid("no endpoint");
  await patch({ webhookUrl });
}

/** Fills a world with records of every kind; with `everyState`, in every state. */
async function fill(sandbox: Sandbox, { everyState }: { readonly everyState: boolean }): Promise<void> {
  const api = client(sandbox, worlds.full);
  const { send, control, order, pay, act, paid, advance } = api;
  const keys = await control("/worlds", { settings, clock });
  if (everyState) await addEnded(api);

  const signed = async (target: string, body: object) => {
    const [kid, privateKey] = [String(keys.kid), String(keys.privateKey)];
    const signature = signRequest({ method: "POST", target, body: JSON.stringify(body), kid, privateKey });
    return send("POST", target, body, { headers: { "X-Signature": signature } });
  };
  const seen = await signed("/v1/payments?idempotencyKey=payment-key", order("seen and paid"));
  const pages = ((await send("GET", `/_sandbox/payments/${seen.id}`)) as unknown as { pages: Record<string, string> })
    .pages;
  for (const url of [pages.pay, pages.wallet])
    await send("GET", url ?? "", undefined, { headers: { accept: "text/html" } });
  await act(seen.id, "pay", { wallet: "mainland", return: "by_post" });
  await control("/settle");
  const refund = (reference: string, value?: number) => ({
    merchantReference: reference,
    ...(value === undefined ? {} : { amount: { value, currency: "hkd" } }),
  });
  await send("POST", `/v1/payments/${seen.id}/refunds?idempotencyKey=refund-key`, refund("half", 100));
  await advance("PT3S");

  await pay("declined by amount", 8888.01);
  await pay("declined by header", 300, { headers: { "X-Sandbox-Scenario": "declined_risk" } });
  await control("/scenarios/next", { scenario: { outcome: "fail", after: "PT1S" } });
  await pay("failed by queue");
  await advance("PT3S");
  await pay("expired", 100, {}, "mobile_redirect");
  await advance("PT25M");
  await pay("fault before", 8888.43, { status: 429 });
  await pay("fault before", 8888.41, { status: 500 });
  await pay("wrong signature", 200, { status: 401, headers: { "X-Signature": "e30..e30" } });
  await control("/clock", { mode: "running" });
  await control("/clock", { mode: "frozen", at: "2026-01-11T00:00:00Z" });
  await control("/keys/rotate", { overlap: "P1D" });
  const jwk = {
    kty: "EC",
    crv: "P-256",
    x: "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",
    y: "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM",
  };
  await control("/credentials", { publicKey: jwk, scopes: ["payments:read"] });

  await paid("retrying");
  await pay("late", 8888.21);
  await advance("PT3S");
  await send("POST", `/v1/payments/${(await paid("refund pending")).id}/refunds`, refund("pending"), {
    headers: { "X-Sandbox-Scenario": "refund_slow" },
  });
  await pay("pending");
  await act((await pay("scanned")).id, "scan");
  await pay("decided later", 8888.9);
  await control("/scenarios/next", { scenario: "declined_limit_exceeded", times: 3 });
  await control("/scenarios/next", { scenario: { on: "refund", outcome: "fail", after: "PT5M" } });
}

/** Fills the other worlds of the database. Resolves while a delivery and an advance are under way. */
async function fillOthers(sandbox: Sandbox, arrived: Promise<unknown>): Promise<void> {
  const running = client(sandbox, worlds.running);
  await running.control("/worlds", { settings });
  await running.paid("paid");
  await client(sandbox, worlds.firstUse).pay("first use");
  await sandbox.fetch("/inspector/sign-in", { method: "POST", body: new URLSearchParams({ token: adminToken }) });
  const delivering = client(sandbox, worlds.delivering);
  await delivering.control("/worlds", { settings, clock });
  await delivering.act((await delivering.pay("held")).id, "pay");
  await arrived;
  delivering.advance("PT10M").catch(() => undefined);
  await new Promise((resolve) => setTimeout(resolve, 1_500));
}

const adminToken = "a-token-for-the-inspector";

/** Answers by the merchant reference in the webhook. `arrived` resolves when one came that is held. */
async function startReceiver() {
  let hold = () => {};
  const arrived = new Promise<void>((resolve) => {
    hold = resolve;
  });
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request.setEncoding("utf8")) body += chunk;
    if (body.includes('"held"')) return hold();
    const fails = body.includes('"exhausted"') || body.includes('"retrying"');
    response.writeHead(fails ? 503 : 204).end(fails ? "not now" : undefined);
  });
  server.listen(receiverPort, "127.0.0.1");
  await once(server, "listening");
  return { arrived };
}

const write = (name: string, text: string) => writeFileSync(join(folder, name), text);
const writeJson = (name: string, value: unknown) => write(name, `${JSON.stringify(value)}\n`);

/** A dump as one text of statements that the driver takes, without the settings of the session that made it. */
function dump(): string {
  const options = ["--schema", schema, "--no-owner", "--no-privileges", "--inserts", "--rows-per-insert=100"];
  const text = execFileSync("pg_dump", [...options, databaseUrl], { encoding: "utf8" });
  const isSetting = (line: string) => /^(SET |SELECT pg_catalog\.set_config|\\|--|$)/.test(line);
  return `${text
    .split("\n")
    .filter((line) => !isSetting(line))
    .join("\n")}\n`;
}

const { arrived } = await startReceiver();
const inMemory = await createSandbox({ clock, publicUrl, seed: "compatibility" });
await fill(inMemory, { everyState: true });
writeJson(
  `snapshot-${version}.json`,
  await (await inMemory.fetch(`/_sandbox/snapshot?processingAccountId=${worlds.full}`)).json(),
);
writeJson(`snapshot-${version}.views.json`, { [worlds.full]: await viewsOf(inMemory, worlds.full) });

const stored = { store: databaseUrl, storeSchema: schema, removeUnusedAfter: "P9999D" };
const inDatabase = await createSandbox({
  clock,
  publicUrl,
  seed: "compatibility",
  webhook: webhookUrl,
  ...stored,
  adminToken,
});
await fill(inDatabase, { everyState: false });
await fillOthers(inDatabase, arrived);
const views: Record<string, object> = {};
for (const id of Object.values(worlds)) views[id] = await viewsOf(inDatabase, id);
await new Promise((resolve) => setTimeout(resolve, 2_000));
write(`database-${version}.sql`, dump());
writeJson(`database-${version}.views.json`, views);
// The database looks as after a crash: what is under way is not finished.
process.exit();
