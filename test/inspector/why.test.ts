import { describe, expect, test } from "vitest";
import type { Sandbox } from "../../src/index.ts";
import { createPaidPayment, createPayment, frozenSandbox, get, paymentRequest, post } from "../support/merchant.ts";
import { heldWebhook } from "../support/receiver.ts";
import { insides, leadsTo, paymentPage, submit, testids, textsOf } from "./reading.ts";

const webhook = async () => new Response(null, { status: 204 });
const answering = (status: number) => async () => new Response("no", { status });

/** Findings of a payment's page: the sentences, and the controls that end the wait. */
async function findings(sandbox: Sandbox, id: string) {
  const html = await paymentPage(sandbox, id);
  const cards = insides(html, "finding");
  return textsOf(html, "finding").map((text, index) => ({ text, controls: testids(cards[index] ?? "") }));
}

async function refunded(sandbox: Sandbox, id: string): Promise<void> {
  await post(sandbox, `/v1/payments/${id}/refunds`, { merchantReference: "refund-1" });
}

const pending = "Why is this payment still pending?";
const notNotified = "Why has the merchant not received the notification?";

describe("the page of a pending payment gives the reason and the time", () => {
  test.each([
    ["qr_link", "The payer has not scanned the code yet."],
    ["mobile_redirect", "The payer has not opened the wallet yet."],
  ])("%s", async (flowType, sentence) => {
    await using sandbox = await frozenSandbox();
    const { id } = await createPayment(sandbox, { flowType });
    await sandbox.clock.advance("PT17M52S");
    const [{ text, controls } = { text: "", controls: [] }] = await findings(sandbox, id);
    expect(text).toMatch(`${pending} ${sentence} It expires at 17:30:00 , in 12 min 8 s . Pay as the payer`);
    expect(controls).toEqual(["why-pay", "why-advance"]);
  });

  test("the payer has opened the wallet", async () => {
    await using sandbox = await frozenSandbox();
    const { id } = await createPayment(sandbox);
    await sandbox.payments.act(id, "scan");
    expect((await findings(sandbox, id))[0]?.text).toContain(
      "has opened the wallet, but has not paid or cancelled yet",
    );
  });

  test("a scenario sets the outcome, after a delay or when the payer pays", async () => {
    await using sandbox = await frozenSandbox();
    const declined = await createPayment(sandbox, { amount: 8888.01 });
    const [first] = await findings(sandbox, declined.id);
    const outcome = "The scenario declined_insufficient_funds sets the outcome: decline.";
    expect(first?.text).toContain(`${outcome} It applies at 17:00:02 , in 2 s .`);
    await post(sandbox, "/_sandbox/scenarios/next", { scenario: { outcome: "fail", after: "payer" } });
    const [second] = await findings(sandbox, (await createPayment(sandbox)).id);
    expect(second?.text).toContain("A custom scenario sets the outcome when the payer pays: fail.");
  });
});

test("the page of a payment that expires before its scenario decides says so", async () => {
  await using sandbox = await frozenSandbox({ settings: { expiryMs: 60_000, outcomeDelayMs: 3_600_000 } });
  const { id } = await createPayment(sandbox, { amount: 8888.01 });
  const [{ text, controls } = { text: "", controls: [] }] = await findings(sandbox, id);
  expect(text).toContain(
    "The scenario declined_insufficient_funds would set the outcome after 1 h: decline. " +
      "The payment expires before that. It expires at 17:01:00 , in 1 min .",
  );
  expect(controls).toEqual(["why-pay", "why-advance"]);
});

describe("the page of a payment whose merchant was not notified gives the reason and the time", () => {
  test("the world has no endpoint", async () => {
    await using sandbox = await frozenSandbox();
    const { id } = await createPaidPayment(sandbox);
    const [finding] = await findings(sandbox, id);
    expect(finding?.text).toContain(`${notNotified} This world has no webhook endpoint.`);
    expect(finding?.controls).toEqual(["why-endpoint-url", "why-endpoint"]);
    await submit(sandbox, "/inspector/endpoint", { webhookUrl: "http://localhost:9/webhooks" });
    expect(await findings(sandbox, id)).toMatchObject([{ controls: ["why-resend"] }]);
  });

  test.each([
    [answering(500), "The endpoint answered 500 twice. Next attempt at 17:07:00 , in 5 min ."],
    [answering(302), "The endpoint answered 302 twice. Next attempt at 17:07:00 , in 5 min ."],
    [
      () => Promise.reject(new Error("down")),
      "The endpoint did not answer: down. Next attempt at 17:07:00 , in 5 min .",
    ],
  ])("two attempts failed", async (handler, sentence) => {
    await using sandbox = await frozenSandbox({ webhook: handler });
    const { id } = await createPaidPayment(sandbox);
    await sandbox.clock.advance("PT2M");
    const [finding] = await findings(sandbox, id);
    expect(finding?.text).toContain(`${notNotified} ${sentence}`);
    expect(finding?.controls).toEqual(["why-resend", "why-advance"]);
  });

  test("all attempts failed", async () => {
    await using sandbox = await frozenSandbox({ webhook: answering(500) });
    const { id } = await createPaidPayment(sandbox);
    await sandbox.clock.advance("P7D");
    const [finding] = await findings(sandbox, id);
    expect(finding?.text).toContain("answered 500 22 times. That was the last of 22 attempts");
    expect(finding?.controls).toEqual(["why-resend"]);
  });

  test.each([
    ["webhook_late", "A scenario delays the first attempt. The first attempt is at 17:10:02 , in 10 min .", 2],
    ["webhook_never", "The scenario webhook_never suppresses the notification.", 1],
    [
      "webhook_out_of_order",
      "A scenario holds it until an attempt for the first refund's notification. The first attempt is at",
      2,
    ],
  ])("%s", async (scenario, sentence, controls) => {
    await using sandbox = await frozenSandbox({ webhook });
    const headers = { "X-Sandbox-Scenario": scenario };
    const { id } = (await post(sandbox, "/v1/payments", paymentRequest(), headers)).body;
    await sandbox.clock.advance("PT2S");
    const [finding] = await findings(sandbox, id);
    expect(finding?.text).toContain(sentence);
    expect(finding?.controls).toHaveLength(controls);
  });

  test("an attempt is in progress", async () => {
    const { webhook, arrived, letGo } = heldWebhook();
    await using sandbox = await frozenSandbox({ webhook });
    const { id } = await createPaidPayment(sandbox);
    await arrived;
    expect((await findings(sandbox, id))[0]?.text).toContain("An attempt is in progress. The endpoint has 30 s");
    letGo();
  });
});

describe("the page of a payment with a pending refund gives the time", () => {
  test("next to a notification that was not delivered", async () => {
    await using sandbox = await frozenSandbox({ webhook: answering(500), settings: { refundDelayMs: 60_000 } });
    const { id } = await createPaidPayment(sandbox);
    await sandbox.settle();
    await refunded(sandbox, id);
    const found = await findings(sandbox, id);
    expect(found).toHaveLength(2);
    expect(found[1]?.text).toContain(
      "HK$200.00 is on its way back to the payer. It completes at 17:01:00 , in 1 min .",
    );
    expect(found[1]?.controls).toEqual(["why-finish", "why-advance"]);
  });
});

describe("the page of a payment that has ended gives the outcome", () => {
  test.each([
    ["pay", undefined, "Nothing is waiting. The merchant was notified at 17:00:00."],
    ["decline", "limit_exceeded", "The payment is above a limit of the wallet. Nothing is waiting."],
    ["expire", undefined, "The payer did not pay in time. Nothing is waiting."],
  ] as const)("%s", async (action, reason, sentence) => {
    await using sandbox = await frozenSandbox({ webhook });
    const { id } = await createPayment(sandbox);
    await sandbox.payments.act(id, action, reason);
    await sandbox.settle();
    const found = await findings(sandbox, id);
    expect(found[0]?.text).toContain(sentence);
    expect(found[0]?.controls).toEqual([]);
  });
});

describe("the page of a payment or a refund that failed says in red what failed, why, and what to do next", () => {
  /** The first finding, with the tone of its card. */
  async function first(sandbox: Sandbox, id: string) {
    const [found] = await findings(sandbox, id);
    const [, tone] = /<section class="why ([a-z]+)"/.exec(await paymentPage(sandbox, id)) ?? [];
    return { ...found, tone };
  }
  const kept = "The payer did not receive the money, and the merchant has it again.";
  const notified = "The merchant was notified at 17:00:00.";

  test.each([
    ["decline", "Why was the payment declined? The wallet declined the payment. Nothing is waiting."],
    ["fail", "Why did the payment fail? The payment could not be processed. Nothing is waiting."],
  ] as const)("a payment: %s", async (action, sentence) => {
    await using sandbox = await frozenSandbox({ webhook });
    const { id } = await createPayment(sandbox);
    await sandbox.payments.act(id, action);
    await sandbox.settle();
    const text = `${sentence} ${notified} To try again, create a new payment.`;
    expect(await first(sandbox, id)).toEqual({ text, controls: [], tone: "wrong" });
  });

  test("a payment whose merchant was not notified: both are explained", async () => {
    await using sandbox = await frozenSandbox({ webhook: answering(500) });
    const { id } = await createPayment(sandbox);
    await sandbox.payments.act(id, "decline");
    await sandbox.settle();
    const texts = (await findings(sandbox, id)).map(({ text }) => text);
    expect(texts).toEqual([
      expect.stringContaining("Why was the payment declined?"),
      expect.stringContaining(notNotified),
    ]);
  });

  test.each(["cancel", "expire"] as const)("but not a payment that the payer did not want: %s", async (action) => {
    await using sandbox = await frozenSandbox({ webhook });
    const { id } = await createPayment(sandbox);
    await sandbox.payments.act(id, action);
    await sandbox.settle();
    expect((await first(sandbox, id)).tone).toBe("calm");
  });

  test("a refund that a test let fail: a button refunds the same amount again", async () => {
    await using sandbox = await frozenSandbox({ webhook });
    const { id } = await createPaidPayment(sandbox);
    await sandbox.settle();
    const refund = { merchantReference: "return-1", amount: { value: 50.5, currency: "hkd" } };
    await post(sandbox, `/v1/payments/${id}/refunds`, refund);
    const refunds = async () => (await get(sandbox, `/_sandbox/payments/${id}`)).body.refunds;
    await submit(sandbox, `/inspector/refunds/${(await refunds())[0].id}/act`, { action: "fail" });
    await sandbox.settle();
    const answer = `A test, or somebody in the inspector, let it fail. ${kept} ${notified}`;
    expect(await first(sandbox, id)).toEqual({
      text: `Why did the refund of HK$50.50 fail? ${answer} Refund HK$50.50 again`,
      controls: ["why-refund"],
      tone: "wrong",
    });
    const form = insides(await paymentPage(sandbox, id), "finding")[0] ?? "";
    const fields = [...form.matchAll(/name="(\w+)" value="([^"]*)"/g)].map(([, name = "", value = ""]) => [
      name,
      value,
    ]);
    expect((await submit(sandbox, `/inspector/payments/${id}/refunds`, Object.fromEntries(fields))).status).toBe(303);
    expect((await refunds())[1]).toMatchObject({ ...refund, status: "pending" });
    await sandbox.clock.advance("PT2S");
    expect((await first(sandbox, id)).tone).toBe("calm");
  });

  test("a refund that its own scenario let fail", async () => {
    await using sandbox = await frozenSandbox({ webhook });
    const { id } = await createPaidPayment(sandbox);
    await post(sandbox, "/_sandbox/scenarios/next", { scenario: { on: "refund", outcome: "fail" } });
    await refunded(sandbox, id);
    await sandbox.clock.advance("PT2S");
    const { text, controls, tone } = await first(sandbox, id);
    expect(text).toContain("Why did the refund of HK$200.00 fail? A custom scenario made it fail.");
    expect([controls, tone]).toEqual([["why-refund"], "wrong"]);
  });

  test("a refund of a payment whose scenario lets every refund fail: there is no button", async () => {
    await using sandbox = await frozenSandbox({ webhook });
    const { id } = await createPayment(sandbox, { amount: 8888.3 });
    await sandbox.clock.advance("PT2S");
    await refunded(sandbox, id);
    await sandbox.clock.advance("PT2S");
    const { text, controls, tone } = await first(sandbox, id);
    expect(text).toContain("The scenario refund_fails makes the refunds of this payment fail.");
    expect(text).toContain("to see one succeed, refund another payment.");
    expect([controls, tone]).toEqual([[], "wrong"]);
  });

  test("a refund after whose failure the time for refunds ended: there is no button", async () => {
    await using sandbox = await frozenSandbox({ webhook, settings: { refundWindowMs: 60_000 } });
    const { id } = await createPaidPayment(sandbox);
    await refunded(sandbox, id);
    const { refunds } = (await get(sandbox, `/_sandbox/payments/${id}`)).body;
    await submit(sandbox, `/inspector/refunds/${refunds[0].id}/act`, { action: "fail" });
    await sandbox.clock.advance("PT2M");
    const { text, controls, tone } = await first(sandbox, id);
    expect(text).toContain("The payment could be refunded until 2026-01-05T09:01:00.000Z.");
    expect([controls, tone]).toEqual([[], "wrong"]);
  });
});

test("the advance button of the page ends the wait", async () => {
  await using sandbox = await frozenSandbox({ webhook });
  const { id } = await createPayment(sandbox, { amount: 8888.9 });
  const back = `/inspector/payments/${id}`;
  const [, to = ""] = /name="to" value="([^"]*)"/.exec(await paymentPage(sandbox, id)) ?? [];
  const answer = await submit(sandbox, "/inspector/clock/advance", { to, back });
  expect([answer.status, leadsTo(answer)]).toEqual([303, back]);
  expect((await get(sandbox, `/v1/payments/${id}`)).body.status).toBe("captured");
});
