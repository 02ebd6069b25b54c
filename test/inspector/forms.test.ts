import { describe, expect, test } from "vitest";
import type { Sandbox } from "../../src/index.ts";
import { createPaidPayment, createPayment, frozenSandbox, get, post } from "../support/merchant.ts";
import { leadsTo, paymentPage, submit, textsOf } from "./reading.ts";

const demo = "2HdN2jq6XWmlkhqRC2gDTNYCvNH";
const webhook = async () => new Response(null, { status: 204 });

async function statusOf(sandbox: Sandbox, id: string) {
  const { status, reason, wallet } = (await get(sandbox, `/_sandbox/payments/${id}`)).body;
  return [status, reason?.code, wallet];
}

describe("a form for an action of the payer", () => {
  test.each([
    [{ action: "pay", wallet: "mainland" }, ["captured", undefined, "mainland"]],
    [{ action: "pay", wallet: "", reason: "risk_rejected" }, ["captured", undefined, undefined]],
    [{ action: "decline", reason: "risk_rejected" }, ["declined", "risk_rejected", undefined]],
    [{ action: "cancel" }, ["aborted", "cancelled_by_consumer", undefined]],
    [{ action: "expire" }, ["aborted", "expired", undefined]],
    [{ action: "fail" }, ["failed", "processing_error", undefined]],
    [{ action: "scan" }, ["pending", "required_next_step", undefined]],
  ])("%j", async (form: Record<string, string>, after) => {
    await using sandbox = await frozenSandbox();
    const { id } = await createPayment(sandbox);
    const back = `/inspector/payments/${id}?q=order`;
    const answer = await submit(sandbox, `/inspector/payments/${id}/act`, { ...form, back });
    expect([answer.status, leadsTo(answer)]).toEqual([303, back]);
    expect(await statusOf(sandbox, id)).toEqual(after);
  });
});

describe("forms for refunds", () => {
  test("start a partial refund, refund the rest, and end a refund", async () => {
    await using sandbox = await frozenSandbox();
    const { id } = await createPaidPayment(sandbox);
    const refunds = `/inspector/payments/${id}/refunds`;
    const started = async () => (await get(sandbox, `/_sandbox/payments/${id}`)).body.refunds;
    expect((await submit(sandbox, refunds, { amount: "12.50", merchantReference: "return" })).status).toBe(303);
    const [first] = await started();
    expect(first).toMatchObject({ amount: { value: 12.5 }, merchantReference: "return", status: "pending" });
    await submit(sandbox, `/inspector/refunds/${first.id}/act`, { action: "fail" });
    await submit(sandbox, refunds, { amount: "", merchantReference: "rest" });
    const [failed, second] = await started();
    expect([failed.status, second.amount.value]).toEqual(["failed", 200]);
    await submit(sandbox, `/inspector/refunds/${second.id}/act`, { action: "succeed" });
    expect(await statusOf(sandbox, id)).toEqual(["refunded", undefined, undefined]);
  });
});

describe("the form for a refund is only on a page where it can succeed", () => {
  const one = "Only one partial refund is allowed, and this payment has had it.";
  const offers = async (sandbox: Sandbox, id: string) => {
    const page = await paymentPage(sandbox, id);
    return [page.includes('data-testid="refund-open"'), textsOf(page, "no-refund")];
  };

  test("not after a partial refund, while it is pending and when it is done, but after it failed", async () => {
    await using sandbox = await frozenSandbox();
    const [done, failed] = [await createPaidPayment(sandbox), await createPaidPayment(sandbox)];
    expect(await offers(sandbox, done.id)).toEqual([true, []]);
    for (const { id } of [done, failed]) {
      await sandbox.payments.refund(id, { amount: 1 });
      expect(await offers(sandbox, id)).toEqual([false, [one]]);
    }
    const [refund] = (await get(sandbox, `/_sandbox/payments/${failed.id}`)).body.refunds;
    await submit(sandbox, `/inspector/refunds/${refund.id}/act`, { action: "fail" });
    await sandbox.clock.advance("PT2S");
    expect([await offers(sandbox, done.id), await offers(sandbox, failed.id)]).toEqual([
      [false, [one]],
      [true, []],
    ]);
  });

  test("not after the time for refunds", async () => {
    await using sandbox = await frozenSandbox({ settings: { refundWindowMs: 60_000 } });
    const { id } = await createPaidPayment(sandbox);
    await sandbox.clock.advance("PT61S");
    expect(await offers(sandbox, id)).toEqual([
      false,
      ["The payment could be refunded until 2026-01-05T09:01:00.000Z."],
    ]);
  });

  test("not for a payment that is pending, refunded, or has nothing left: then it says nothing", async () => {
    await using sandbox = await frozenSandbox();
    const pending = await createPayment(sandbox);
    expect(await offers(sandbox, pending.id)).toEqual([false, []]);
    const { id } = await createPaidPayment(sandbox);
    await sandbox.payments.refund(id);
    expect(await offers(sandbox, id)).toEqual([false, []]);
    await sandbox.clock.advance("PT2S");
    expect(await offers(sandbox, id)).toEqual([false, []]);
  });
});

test("a form sends a notification again, and the next page shows the attempt", async () => {
  await using sandbox = await frozenSandbox({ webhook });
  const { id } = await createPaidPayment(sandbox);
  await sandbox.settle();
  const [notification] = (await get(sandbox, "/_sandbox/notifications")).body.data;
  expect((await submit(sandbox, `/inspector/notifications/${notification.id}/resend`)).status).toBe(303);
  expect(await paymentPage(sandbox, id)).toContain("Manual attempt");
});

describe("forms for the world", () => {
  test("set and advance its clock", async () => {
    await using sandbox = await frozenSandbox({ clock: "running" });
    const clock = async () => (await get(sandbox, "/_sandbox/clock")).body;
    await submit(sandbox, "/inspector/clock", { mode: "frozen" });
    const { mode, now } = await clock();
    await submit(sandbox, "/inspector/clock/advance", { by: " P1DT2H " });
    const later = new Date(Date.parse(now) + 26 * 3_600_000).toISOString();
    expect([mode, (await clock()).now]).toEqual(["frozen", later]);
    await submit(sandbox, "/inspector/clock", { mode: "running" });
    expect((await clock()).mode).toBe("running");
  });

  test("fill and empty its queue, set and remove its endpoint", async () => {
    await using sandbox = await frozenSandbox();
    await submit(sandbox, "/inspector/scenarios", { scenario: "refund_slow", times: "3" });
    const queue = async () => (await get(sandbox, "/_sandbox/scenarios/next")).body.data;
    expect(await queue()).toEqual([{ scenario: "refund_slow", times: 3 }]);
    expect(textsOf((await get(sandbox, "/")).text, "queue")).toEqual(["refund_slow ×3"]);
    await submit(sandbox, "/inspector/scenarios/clear");
    expect(await queue()).toEqual([]);
    const endpoint = async () => (await get(sandbox, `/_sandbox/worlds/${demo}`)).body.settings.webhookUrl;
    for (const [given, then] of [
      ["http://localhost:3000/hooks", "http://localhost:3000/hooks"],
      ["", undefined],
    ]) {
      await submit(sandbox, "/inspector/endpoint", { webhookUrl: given ?? "" });
      expect(await endpoint()).toBe(then);
    }
  });

  test("reset it and lead to its list", async () => {
    await using sandbox = await frozenSandbox();
    const { id } = await createPayment(sandbox);
    const answer = await submit(sandbox, "/inspector/reset", { back: `/inspector/payments/${id}` });
    expect([answer.status, leadsTo(answer)]).toEqual([303, "/"]);
    expect((await get(sandbox, `/v1/payments/${id}`)).status).toBe(404);
  });

  test("change only the world that they name", async () => {
    await using sandbox = await frozenSandbox();
    const world = await sandbox.world({ clock: "2027-01-01T00:00:00Z", settings: { merchantName: "Harbour" } });
    const { processingAccountId } = world;
    const page = (await get(sandbox, `/?world=${processingAccountId}`)).text;
    expect(textsOf(page, "clock")).toEqual(["2027-01-01 08:00:00"]);
    expect(page).toContain(`name="processingAccountId" value="${processingAccountId}"`);
    expect(textsOf(page, "world")[0]).toMatch(new RegExp(`^World: Harbour .*${processingAccountId.slice(-6)}`));
    const back = `/?world=${processingAccountId}`;
    const answer = await submit(sandbox, "/inspector/clock/advance", { processingAccountId, by: "PT1M", back });
    expect(leadsTo(answer)).toBe(back);
    expect([await world.clock.now(), await sandbox.clock.now()]).toEqual([
      "2027-01-01T00:01:00.000Z",
      "2026-01-05T09:00:00.000Z",
    ]);
  });
});

describe("an action that fails is reported on the page that it was sent from", () => {
  test.each([
    ["/inspector/clock/advance", { by: "tomorrow" }, 400, 'by is "tomorrow"; expected 30m, 1h30m or 2d, or PT30M'],
    ["/inspector/clock/advance", {}, 400, "by is missing; expected 30m, 1h30m or 2d, or PT30M in ISO 8601."],
    ["/inspector/clock/advance", { to: "noon" }, 400, "to must be an instant like"],
    ["/inspector/clock", { mode: "sideways" }, 400, 'mode must be "frozen" or "running"'],
    ["/inspector/scenarios", { scenario: "none", times: "1" }, 400, "scenario is unknown"],
    ["/inspector/scenarios", { scenario: "paid", times: "0" }, 400, "times must be a whole number from 1 to 1000"],
    ["/inspector/endpoint", { webhookUrl: "javascript:alert(1)" }, 400, "webhookUrl"],
    ["/inspector/clock", { mode: "frozen", processingAccountId: "nobody" }, 404, "The world "],
    ["/inspector/payments/ID/act", { action: "steal" }, 400, "action must be"],
    ["/inspector/payments/ID/act", { action: "pay" }, 409, "not possible for a payment that is captured"],
    ["/inspector/payments/ID/refunds", { amount: "x" }, 400, "amount.value"],
    ["/inspector/payments/ID/refunds", { amount: "500" }, 400, "The refund is more than what is left: HKD 200.00."],
    ["/inspector/notifications/none/resend", {}, 404, "There is nothing here."],
    ["/inspector/notifications/resend-failed", {}, 409, "not possible for a notification that is without an endpoint"],
    ["/inspector/refunds/none/act", { action: "fail" }, 404, "There is nothing here."],
  ])("%s %j", async (path, form: Record<string, string>, status, sentence) => {
    await using sandbox = await frozenSandbox();
    const { id } = await createPaidPayment(sandbox);
    const back = `/inspector/payments/${id}?q=order`;
    const answer = await submit(sandbox, path.replace("ID", id), { ...form, back });
    expect(answer.status).toBe(status);
    expect(textsOf(answer.text, "problem").join()).toContain(sentence);
    expect(answer.text).toContain(`data-live="${back}"`);
  });

  test("an advance of the clock during another one", async () => {
    await using sandbox = await frozenSandbox({ webhook: () => new Promise(() => undefined) });
    await createPaidPayment(sandbox);
    const first = sandbox.clock.advance("PT1M").catch(() => undefined);
    const answer = await submit(sandbox, "/inspector/clock/advance", { by: "PT1M" });
    expect([answer.status, textsOf(answer.text, "problem")]).toEqual([
      409,
      ["The action failed. The clock of this world is being moved, or was reset meanwhile."],
    ]);
    await sandbox.reset();
    await first;
  });
});

describe("a form leads back only to pages of the inspector", () => {
  test.each([
    "https://evil.com/",
    "//evil.com/",
    "/\\evil.com/",
    "javascript:alert(1)",
    "/inspector/sign-out",
    "/v1/payments",
    "",
    "/?world=\r\nSet-Cookie: x=y",
  ])("%j", async (back) => {
    await using sandbox = await frozenSandbox();
    const answer = await submit(sandbox, "/inspector/clock/advance", { by: "PT1M", back });
    expect(answer.headers.get("location")).toMatch(/^\/\?(world=[^&]*&)?done=advanced\.ms-60000$/);
    expect(answer.headers.has("set-cookie")).toBe(false);
  });
});

test("a form that is too large is refused, and another method too", async () => {
  await using sandbox = await frozenSandbox();
  const { status } = await submit(sandbox, "/inspector/clock", { mode: "x".repeat(70_000) });
  expect(status).toBe(413);
  const wrong = await sandbox.fetch("/inspector/clock", { method: "PUT" });
  expect([wrong.status, wrong.headers.get("allow")]).toEqual([405, "POST"]);
  expect((await post(sandbox, "/", {})).status).toBe(405);
});
