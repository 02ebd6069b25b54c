import { beforeAll, describe, expect, test } from "vitest";
import type { Sandbox } from "../../src/index.ts";
import { createPaidPayment, createPayment, frozenSandbox, get, paymentRequest, post } from "../support/merchant.ts";
import { putBack, snapshotOf } from "../support/snapshots.ts";
import { plain, testids, textsOf } from "./reading.ts";

async function create(sandbox: Sandbox, merchantReference: string, amount = 200): Promise<string> {
  const { body } = await post(sandbox, "/v1/payments", { ...paymentRequest({ amount }), merchantReference });
  return body.id;
}

/** Texts of the rows of a list: amount, status, reference and notes. */
async function rows(sandbox: Sandbox, path = "/"): Promise<string[]> {
  return textsOf((await get(sandbox, path)).text, "payment-row");
}

const search = async (sandbox: Sandbox, text: string) => rows(sandbox, `/?q=${encodeURIComponent(text)}`);

describe("each row", () => {
  test("has amount, status and reference, and notes on refunds, expiry and webhooks", async () => {
    await using sandbox = await frozenSandbox({ webhook: async () => new Response(null, { status: 500 }) });
    const part = { merchantReference: "part", amount: { value: 50, currency: "hkd" } };
    const pending = await create(sandbox, "pending", 64);
    const declined = await create(sandbox, "declined", 8888.01);
    const paid = await create(sandbox, "paid", 128.5);
    await sandbox.payments.act(paid, "pay");
    await sandbox.payments.act(await create(sandbox, "cancelled"), "cancel");
    const refunded = await create(sandbox, "refunded");
    await sandbox.payments.act(refunded, "pay");
    await post(sandbox, `/v1/payments/${refunded}/refunds`, part);
    await sandbox.clock.advance("PT17M52S");
    expect([pending, declined].every(Boolean)).toBe(true);
    expect(await rows(sandbox)).toEqual([
      "HK$200.00 partially refunded refunded refund done webhook retrying",
      "HK$200.00 aborted cancelled cancelled by consumer webhook retrying",
      "HK$128.50 captured paid webhook retrying",
      "HK$8,888.01 declined declined insufficient funds webhook retrying",
      "HK$64.00 pending pending expires in 12:08",
    ]);
  });

  test("notes a webhook that failed, was suppressed, or was never sent", async () => {
    await using sandbox = await frozenSandbox({ webhook: async () => new Response(null, { status: 500 }) });
    const { id } = await createPaidPayment(sandbox);
    await sandbox.clock.advance("P7D");
    await create(sandbox, "held", 8888.22);
    await sandbox.clock.advance("PT2S");
    const account = sandbox.processingAccountId;
    const settings = { webhookUrl: null };
    const patch = (body: object) =>
      sandbox.fetch(`/_sandbox/worlds/${account}`, { method: "PATCH", body: JSON.stringify(body) });
    const { webhookUrl } = (await get(sandbox, `/_sandbox/worlds/${account}`)).body.settings;
    await patch({ settings });
    await createPaidPayment(sandbox);
    await patch({ settings: { webhookUrl } });
    const notes = (await rows(sandbox)).map((row) => row.slice(row.indexOf("webhook")));
    expect(notes).toEqual(["webhook not sent", "webhook suppressed", "webhook failed"]);
    expect((await get(sandbox, `/inspector/payments/${id}`)).text).toContain('class="wrong">webhook failed');
  });
});

describe("a search by", () => {
  let sandbox: Sandbox;
  let ids: string[];
  beforeAll(async () => {
    sandbox = await frozenSandbox();
    ids = [
      await create(sandbox, "Order-1", 10.5),
      await create(sandbox, "order-12", 1234.5),
      await create(sandbox, "a & b"),
    ];
    await sandbox.payments.act(ids[0] as string, "pay");
    return () => sandbox.close();
  });

  test.each([
    ["order-1", ["order-12", "Order-1"]],
    ["ORDER-12", ["order-12"]],
    ["a & b", ["a & b"]],
    ["10.5", ["Order-1"]],
    ["10.50", ["Order-1"]],
    ["HK$1,234.50", ["order-12"]],
    ["1234.5", ["order-12"]],
    ["nothing", []],
  ])("%s", async (text, references) => {
    const found = (await search(sandbox, text)).map(
      (row) => /(?:captured|pending) (.*?)(?: expires.*)?$/.exec(row)?.[1],
    );
    expect(found).toEqual(references);
  });

  test("an id, or a part of it", async () => {
    const [id = ""] = ids;
    expect(await search(sandbox, id)).toHaveLength(1);
    expect(await search(sandbox, id.slice(8).toLowerCase())).toHaveLength(1);
  });

  test("a status, and a status with a text", async () => {
    expect(await rows(sandbox, "/?status=captured")).toHaveLength(1);
    expect(await rows(sandbox, "/?status=captured&q=order-12")).toHaveLength(0);
    expect(await rows(sandbox, "/?status=unknown")).toHaveLength(3);
  });

  test("a text and a status is kept on the page of a payment", async () => {
    const { text } = await get(sandbox, `/inspector/payments/${ids[0]}?q=order&status=pending`);
    expect(textsOf(text, "payment-row")).toHaveLength(1);
    expect(text).toContain('value="order"');
    expect(text).toMatch(/<option value="pending" selected>/);
    const [address] = /\/inspector\/payments\/[^"]*q=order[^"]*/.exec(text) ?? [];
    expect(address).toContain("q=order&amp;status=pending");
  });

  test("a text without matches says so", async () => {
    expect(textsOf((await get(sandbox, "/?q=nothing")).text, "no-payments")).toEqual(["No payment matches."]);
  });
});

describe("with ten thousand payments", () => {
  const count = 10_000;
  let sandbox: Sandbox;
  beforeAll(async () => {
    sandbox = await frozenSandbox();
    await createPaidPayment(sandbox);
    await createPayment(sandbox);
    const { body } = await snapshotOf(sandbox);
    const [paid, payment] = body.records.payment;
    const unique = (text: string, index: number) => text.slice(0, -5) + String(index).padStart(5, "0");
    const pending = Array.from({ length: count - 1 }, (_, index) => ({
      ...payment,
      id: unique(payment.id, index + 1),
      trackId: unique(payment.trackId, index + 1),
      pageToken: unique(payment.pageToken, index + 1),
      merchantReference: `order-${index + 1}`,
    }));
    body.records.payment = [{ ...paid, merchantReference: "order-0" }, ...pending];
    for (const kind of ["task", "event"]) body.records[kind] = [];
    const { status, text } = await putBack(sandbox, { ...body, real: undefined });
    if (status !== 200) throw new Error(text);
    return () => sandbox.close();
  }, 120_000);

  test("a page shows thirty payments, with links to the next page and to the newest", async () => {
    const first = (await get(sandbox, "/")).text;
    expect(textsOf(first, "payment-row")).toHaveLength(30);
    expect(testids(first)).not.toContain("newest");
    const [, older = ""] = /href="([^"]*)" data-testid="older"/.exec(first) ?? [];
    const second = (await get(sandbox, older)).text;
    expect(textsOf(second, "payment-row")[0]).toContain("order-9969");
    expect(second).toContain('href="/" data-testid="newest"');
  });

  test("a search covers a thousand payments, and a link continues it", async () => {
    const { text } = await get(sandbox, "/?q=der-50");
    expect(plain(text)).toContain("No match among the last 1,000 payments.");
    let [, older = ""] = /href="([^"]*)" data-testid="older"/.exec(text) ?? [];
    let found: string[] = [];
    for (let page = 0; page < 10 && found.length === 0; page += 1) {
      const next = (await get(sandbox, older.replaceAll("&amp;", "&"))).text;
      found = textsOf(next, "payment-row");
      [, older = ""] = /href="([^"]*)" data-testid="older"/.exec(next) ?? [];
    }
    expect(found[0]).toContain("order-5099");
  });

  test("a search finds an exact reference or id of any age at once", async () => {
    const { body } = await get(sandbox, "/v1/payments?merchantReference=order-3");
    expect(await rows(sandbox, "/?q=order-3")).toEqual([expect.stringContaining("order-3 expires")]);
    expect(await search(sandbox, body.data[0].id)).toEqual([expect.stringContaining("order-3 expires")]);
    expect(await rows(sandbox, "/?q=order-3&status=captured")).toEqual([]);
    expect(await rows(sandbox, "/?status=captured")).toEqual([expect.stringContaining("order-0")]);
  });
});
