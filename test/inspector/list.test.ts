import { beforeAll, describe, expect, test } from "vitest";
import type { Sandbox } from "../../src/index.ts";
import { createPaidPayment, createPayment, frozenSandbox, get, paymentRequest, post } from "../support/merchant.ts";
import { putBack, snapshotOf } from "../support/snapshots.ts";
import { insides, plain, testids, textsOf } from "./reading.ts";

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
  test("has amount, status, reference, age, and notes on refunds, expiry and webhooks", async () => {
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
      "HK$200.00 partially refunded refunded 17 min ago webhook retrying",
      "HK$200.00 aborted cancelled cancelled by consumer 17 min ago webhook retrying",
      "HK$128.50 captured paid 17 min ago webhook retrying",
      "HK$8,888.01 declined declined insufficient funds 17 min ago webhook retrying",
      "HK$64.00 pending pending expires in 12:08 17 min ago no webhook",
    ]);
  });

  test("notes a webhook that failed, was suppressed, or was never sent", async () => {
    await using sandbox = await frozenSandbox({ webhook: async () => new Response(null, { status: 500 }) });
    await createPaidPayment(sandbox);
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
    const { text } = await get(sandbox, "/");
    const marks = textsOf(text, "row-webhook");
    expect(marks).toEqual(["webhook not sent", "webhook suppressed", "webhook failed"]);
    expect(text).toContain('title="webhook failed"');
  });

  test("marks the worst state of its webhooks", async () => {
    const states: number[] = [];
    await using sandbox = await frozenSandbox({
      webhook: async () => new Response(null, { status: states.shift() ?? 200 }),
    });
    const marks = async () => textsOf((await get(sandbox, "/")).text, "row-webhook");
    const { id } = await createPaidPayment(sandbox);
    await sandbox.settle();
    expect(await marks()).toEqual(["webhook delivered"]);
    states.push(500);
    await sandbox.payments.refund(id);
    await sandbox.clock.advance("PT2S");
    expect(await marks()).toEqual(["webhook retrying"]);
  });

  test("has no mark in a world without an endpoint", async () => {
    await using sandbox = await frozenSandbox();
    await createPaidPayment(sandbox);
    expect(testids((await get(sandbox, "/")).text)).not.toContain("row-webhook");
  });

  test.each([
    ["PT0.999S", "0 s ago"],
    ["PT59S", "59 s ago"],
    ["PT3M59S", "3 min ago"],
    ["PT1H59M59S", "1 h ago"],
    ["P1DT23H", "1 d ago"],
  ])("tells the age by the clock of the world, rounded down: after %s it is %s", async (by, age) => {
    await using sandbox = await frozenSandbox();
    await create(sandbox, "paid");
    await sandbox.clock.advance(by);
    expect(await rows(sandbox)).toEqual([expect.stringContaining(age)]);
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
      (row) => /(?:captured|pending) (.*?)(?: expires.*| 0 s ago)$/.exec(row)?.[1],
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

describe("a filter", () => {
  let sandbox: Sandbox;
  beforeAll(async () => {
    let status = 500;
    sandbox = await frozenSandbox({ webhook: async () => new Response(null, { status }) });
    await sandbox.payments.act(await create(sandbox, "failed-webhook", 10), "pay");
    await sandbox.clock.advance("P7D");
    status = 200;
    const refunded = await create(sandbox, "failed-refund", 20);
    await sandbox.payments.act(refunded, "pay");
    await sandbox.settle();
    const { id } = await sandbox.payments.refund(refunded);
    await post(sandbox, `/_sandbox/refunds/${id}/actions`, { action: "fail" });
    await sandbox.settle();
    status = 500;
    await sandbox.clock.advance("P1DT6H59M59S");
    await sandbox.payments.act(await create(sandbox, "retrying-webhook", 30.5), "decline");
    await sandbox.settle();
    await sandbox.clock.advance("PT1S");
    await create(sandbox, "pending", 40);
    return () => sandbox.close();
  });

  test.each([
    ["only=webhook_failed", ["failed-webhook"]],
    ["only=webhook_retrying", ["retrying-webhook"]],
    ["only=refund_failed", ["failed-refund"]],
    ["only=refund_failed&status=pending", []],
    ["only=webhook_failed&q=retrying", []],
    ["only=webhook_failed&q=failed-refund", []],
    ["from=2026-01-14", ["pending"]],
    ["until=2026-01-13", ["retrying-webhook", "failed-refund", "failed-webhook"]],
    ["from=2026-01-13&until=2026-01-13", ["retrying-webhook"]],
    ["from=2026-01-05&until=2026-01-05", ["failed-webhook"]],
    ["least=20&most=30.5", ["retrying-webhook", "failed-refund"]],
    ["least=HK$30.51", ["pending"]],
    ["most=10&status=captured&q=webhook", ["failed-webhook"]],
    ["q=pending&least=41", []],
  ])("%s", async (query, references) => {
    const { text } = await get(sandbox, `/?${query}`);
    const found = insides(text, "payment-row").map((row) =>
      plain(/class="reference">(.*?)<\/span>/.exec(row)?.[1] ?? ""),
    );
    expect(found).toEqual(references);
    expect(testids(text)).not.toContain("filter-problem");
  });

  test.each([
    ["from=yesterday", "yesterday is not a day. Write it like 2026-01-05."],
    ["until=2026-02-30", "2026-02-30 is not a day. Write it like 2026-01-05."],
    ["least=much", "much is not an amount. Write it like 10 or 10.50."],
    ["most=10.999", "10.999 is not an amount. Write it like 10 or 10.50."],
    ["from=2026-01-06&until=2026-01-05", "The first day is after the last day."],
    ["least=2&most=1", "The smallest amount is larger than the largest amount."],
    ["status=paid", "paid is not a status."],
    ["only=__proto__", "__proto__ is not a state to look for."],
  ])("that is wrong is named: %s", async (query, problem) => {
    const { status, text } = await get(sandbox, `/?${query}`);
    expect([status, textsOf(text, "filter-problem")]).toEqual([200, [problem]]);
  });

  test("is kept by the links of the list, shown in the open drawer, and cleared by a link", async () => {
    const { text } = await get(sandbox, "/?only=refund_failed&from=2026-01-05&until=2026-02-01&least=1&most=99");
    expect(text).toMatch(/<details class="panel" id="filters-details" open>/);
    expect(text).toMatch(/<option value="refund_failed" selected>/);
    for (const shown of ["2026-01-05", "2026-02-01", "1", "99"]) expect(text).toContain(`value="${shown}"`);
    expect(text).toMatch(/href="\/inspector\/payments\/\w+\?only=refund_failed&amp;from=2026-01-05&amp;[^"]*most=99"/);
    expect(text).toContain('href="/" data-testid="filters-clear"');
    expect((await get(sandbox, "/")).text).toMatch(/<details class="panel" id="filters-details" >/);
  });

  test("by status has the number of payments of the whole world beside each status", async () => {
    const [, options = ""] =
      /<select id="status"[^>]*>(.*?)<\/select>/s.exec((await get(sandbox, "/?q=nothing")).text) ?? [];
    expect([...options.matchAll(/>([^<]+)<\/option>/g)].map(([, label]) => label)).toEqual([
      ...["All (4)", "pending (1)", "captured (2)", "partially refunded (0)", "refunded (0)", "declined (1)"],
      ...["aborted (0)", "failed (0)"],
    ]);
    const { processingAccountId } = await sandbox.world();
    expect((await get(sandbox, `/?world=${processingAccountId}`)).text).toContain("All (0)");
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
    expect(first).toContain(">pending (9,999)</option>");
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

  test("a filter without an index covers a thousand payments too", async () => {
    const { text } = await get(sandbox, "/?only=refund_failed");
    expect(textsOf(text, "no-payments")).toEqual(["No match among the last 1,000 payments."]);
    expect(textsOf(text, "older")).toEqual(["Search further"]);
    expect(await rows(sandbox, "/?only=refund_failed&status=captured")).toEqual([]);
  });

  test("a search finds an exact reference or id of any age at once", async () => {
    const { body } = await get(sandbox, "/v1/payments?merchantReference=order-3");
    expect(await rows(sandbox, "/?q=order-3")).toEqual([expect.stringContaining("order-3 expires")]);
    expect(await search(sandbox, body.data[0].id)).toEqual([expect.stringContaining("order-3 expires")]);
    expect(await rows(sandbox, "/?q=order-3&status=captured")).toEqual([]);
    expect(await rows(sandbox, "/?status=captured")).toEqual([expect.stringContaining("order-0")]);
  });

  test("the page of an old payment shows it above the list, with a link to its place in the list", async () => {
    const [, id = ""] = /id="row-(\w+)"/.exec((await get(sandbox, "/?q=order-3")).text) ?? [];
    const { text } = await get(sandbox, `/inspector/payments/${id}`);
    const [selected = ""] = insides(text, "selected-payment");
    expect(plain(selected)).toContain("Selected payment Show it in the list HK$200.00 pending order-3 ");
    expect(text.match(/aria-current="page" data-testid="payment-row"/g)).toHaveLength(1);
    expect(selected).toContain('aria-current="page" data-testid="payment-row"');
    expect(textsOf(text, "payment-row")[1]).toContain("order-9999");
    const [, place = ""] = /href="([^"]*)" data-testid="show-in-list"/.exec(text) ?? [];
    const there = (await get(sandbox, place)).text;
    expect(textsOf(there, "payment-row").map((row) => /order-\d+/.exec(row)?.[0])).toEqual([
      "order-3",
      "order-2",
      "order-1",
      "order-0",
    ]);
    expect(testids(there)).not.toContain("selected-payment");
    expect(testids((await get(sandbox, `/inspector/payments/${id}?q=order-99`)).text)).not.toContain(
      "selected-payment",
    );
  });
});
