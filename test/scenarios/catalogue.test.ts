import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { catalogue, type ScenarioName } from "../../src/domain/scenario.ts";
import { type Sandbox, verifyResponse, verifyWebhook } from "../../src/index.ts";
import { type Answer, frozenSandbox, get, paymentRequest, post } from "../support/merchant.ts";
import { isFull } from "../support/scope.ts";

const triggers = ["amount", "header", "queue"] as const;
type Trigger = (typeof triggers)[number];

/** A webhook that the merchant received. */
interface Received {
  readonly id: string;
  readonly type: string;
  readonly amount: number;
  readonly status: string;
  readonly verified: boolean;
}

/** A sandbox whose next payment gets the scenario, and its merchant. */
interface Setup {
  readonly sandbox: Sandbox;
  readonly trigger: Trigger;
  readonly received: Received[];
  readonly amount: number;
  /** Creates the payment, with the same key each time. Rejects if the connection is closed. */
  create(): Promise<Answer>;
  /** Repeats the request without the scenario header. */
  createWithoutHeader(): Promise<Answer>;
  payments(): Promise<{ id: string; status: string; reason?: { code: string } }[]>;
  /** The control view of the payment. */
  whole(): Promise<Answer["body"]>;
}

const key = "idempotencyKey=order-1001";
/** Delay of a slow response, in milliseconds. Other requests end earlier. */
const heldMs = 1_500;

async function setUp(name: ScenarioName, trigger: Trigger): Promise<Setup> {
  const received: Received[] = [];
  const sandbox = await frozenSandbox({
    limits: { slowResponseMs: name === "slow_response" ? heldMs : 600_000 },
    webhook: async (request) => {
      const body = await request.text();
      const signature = request.headers.get("X-Signature");
      const { hmacKey } = sandbox.credentials;
      const { id, type, payload } = JSON.parse(body);
      const verified = verifyWebhook({ signature, body, hmacKey, url: request.url });
      received.push({ id, type, amount: payload.amount.value, status: payload.status, verified });
      return new Response(null, { status: verified ? 204 : 401 });
    },
  });
  const magic = (await get(sandbox, "/_sandbox/scenarios")).body.data.find(
    (row: { name: string }) => row.name === name,
  );
  const amount = trigger === "amount" ? magic.amount : 200;
  if (trigger === "queue") await post(sandbox, "/_sandbox/scenarios/next", { scenario: name });
  const ask = (headers: Record<string, string>) =>
    post(sandbox, `/v1/payments?${key}`, paymentRequest({ amount }), headers);
  const payments = async () => (await get(sandbox, "/v1/payments")).body.data;
  return {
    sandbox,
    trigger,
    received,
    amount,
    create: () => ask(trigger === "header" ? { "X-Sandbox-Scenario": name } : {}),
    createWithoutHeader: () => ask({}),
    payments,
    whole: async () => (await get(sandbox, `/_sandbox/payments/${(await payments())[0].id}`)).body,
  };
}

/** Creates the pending payment and advances the clock until the scenario decides. */
async function decided(on: Setup): Promise<{ status: string; reason?: { code: string } }> {
  const { status, body } = await on.create();
  expect([status, body.status, body.reason.code]).toEqual([201, "pending", "required_next_step"]);
  await on.sandbox.clock.advance("PT1.999S");
  expect((await on.payments())[0]?.status).toBe("pending");
  await on.sandbox.clock.advance("PT0.001S");
  return (await on.payments())[0] as { status: string };
}

const captured = async (on: Setup) => expect((await decided(on)).status).toBe("captured");
const endsAs = (status: string, reason: string) => async (on: Setup) => {
  expect(await decided(on)).toMatchObject({ status, reason: { code: reason } });
  expect(on.received).toMatchObject([{ type: "payment", status, verified: true }]);
};

const page = async (on: Setup) =>
  (
    await on.sandbox.fetch(new URL((await on.whole()).pages.pay).pathname, { headers: { Referer: "http://shop" } })
  ).text();
const refund = async (on: Setup) => {
  const [{ id } = { id: "" }] = await on.payments();
  return post(on.sandbox, `/v1/payments/${id}/refunds`, { merchantReference: "refund-1" });
};
const loggedWithScenario = async (on: Setup) =>
  (await get(on.sandbox, "/_sandbox/requests?limit=1000")).body.data.find(
    (logged: { scenario?: object }) => logged.scenario !== undefined,
  );
const statuses = (on: Setup) => on.received.map(({ type, status, verified }) => [type, status, verified]);

const isSigned = ({ sandbox }: Setup, body: string, headers: Headers) =>
  verifyResponse({ signature: headers.get("X-Signature"), body, hmacKey: sandbox.credentials.hmacKey });

/** Repeats the request with its key after a fault, and expects exactly one payment. */
async function onlyOne(on: Setup) {
  const again = await on.createWithoutHeader();
  const all = await on.payments();
  expect([again.status, again.body.status]).toEqual([201, "pending"]);
  expect([again.body.nextStep.redirect.url.includes("attacker"), isSigned(on, again.text, again.headers)]).toEqual([
    false,
    true,
  ]);
  expect(all.map(({ id, status }) => [id, status])).toEqual([[again.body.id, "pending"]]);
}

/** The effect of each scenario. The type requires an entry for each new scenario. */
const effects: Record<ScenarioName, (on: Setup) => Promise<unknown>> = {
  paid: async (on) => {
    await captured(on);
    expect(statuses(on)).toEqual([["payment", "captured", true]]);
  },
  declined_insufficient_funds: endsAs("declined", "insufficient_funds"),
  declined_limit_exceeded: endsAs("declined", "limit_exceeded"),
  declined_risk: endsAs("declined", "risk_rejected"),
  declined: endsAs("declined", "payment_declined"),
  cancelled_by_consumer: endsAs("aborted", "cancelled_by_consumer"),
  expired: endsAs("aborted", "expired"),
  failed: endsAs("failed", "processing_error"),
  paid_late: async (on) => {
    expect(await decided(on)).toMatchObject({ status: "aborted", reason: { code: "expired" } });
    await on.sandbox.clock.advance("PT9M59.999S");
    expect((await on.payments())[0]?.status).toBe("aborted");
    await on.sandbox.clock.advance("PT0.001S");
    expect((await on.payments())[0]?.status).toBe("captured");
    expect(statuses(on)).toEqual([
      ["payment", "aborted", true],
      ["payment", "captured", true],
    ]);
  },
  paid_never_returns: async (on) => {
    await captured(on);
    const text = await page(on);
    expect(text).toContain('data-status="captured"');
    expect(text).not.toContain("https://merchant.site/complete-payment");
  },
  lying_return: async (on) => {
    expect((await decided(on)).status).toBe("declined");
    const lie = `https://merchant.site/complete-payment?status=captured&amp;amount=${on.amount}`;
    expect(await page(on)).toContain(`url=${lie}`);
  },
  return_by_post: async (on) => {
    await captured(on);
    const text = await page(on);
    expect(text).toMatch(/<form[^>]* method="post"[^>]* action="https:\/\/merchant.site\/complete-payment"/);
    expect(text).not.toContain('http-equiv="refresh"');
  },
  webhook_twice: async (on) => {
    await captured(on);
    await on.sandbox.settle();
    expect(statuses(on)).toEqual([
      ["payment", "captured", true],
      ["payment", "captured", true],
    ]);
    expect(new Set(on.received.map(({ id }) => id)).size).toBe(1);
  },
  webhook_late: async (on) => {
    await captured(on);
    await on.sandbox.clock.advance("PT9M59.999S");
    expect(on.received).toEqual([]);
    await on.sandbox.clock.advance("PT0.001S");
    expect(statuses(on)).toEqual([["payment", "captured", true]]);
  },
  webhook_never: async (on) => {
    await captured(on);
    await on.sandbox.clock.advance("P30D");
    expect(on.received).toEqual([]);
    const [notification] = (await get(on.sandbox, "/_sandbox/notifications")).body.data;
    expect([notification.state, notification.attempts]).toEqual(["suppressed", []]);
    await post(on.sandbox, `/_sandbox/notifications/${notification.id}/resend`, "");
    await on.sandbox.settle();
    expect(statuses(on)).toEqual([["payment", "captured", true]]);
  },
  webhook_before_response: async (on) => {
    const { status, body } = await on.create();
    expect([status, body.status, body.nextStep.type]).toEqual([201, "pending", "redirect"]);
    expect(statuses(on)).toEqual([["payment", "captured", true]]);
    expect((await on.payments())[0]?.status).toBe("captured");
  },
  webhook_bad_signature: async (on) => {
    await captured(on);
    expect(statuses(on)).toEqual([["payment", "captured", false]]);
    await on.sandbox.clock.advance("PT2M");
    expect(statuses(on)[1]).toEqual(["payment", "captured", true]);
  },
  webhook_expired_signature: async (on) => {
    await captured(on);
    expect(statuses(on)).toEqual([["payment", "captured", false]]);
    await on.sandbox.clock.advance("PT2M");
    expect(statuses(on)[1]).toEqual(["payment", "captured", true]);
  },
  webhook_out_of_order: async (on) => {
    await captured(on);
    await on.sandbox.clock.advance("PT1H");
    expect(on.received).toEqual([]);
    await refund(on);
    await on.sandbox.clock.advance("PT2S");
    expect(statuses(on)).toEqual([
      ["refund", "refunded", true],
      ["payment", "captured", true],
    ]);
  },
  webhook_amount_mismatch: async (on) => {
    await captured(on);
    expect(on.received[0]?.amount).toBeCloseTo(on.amount - 1, 5);
    expect((await on.whole()).amount.value).toBe(on.amount);
  },
  webhook_unusual_json: async (on) => {
    await captured(on);
    expect(statuses(on)).toEqual([["payment", "captured", true]]);
    const [{ attempts }] = (await get(on.sandbox, "/_sandbox/notifications")).body.data;
    expect(attempts[0].requestBody).toContain("caf\\u00e9");
    expect(JSON.parse(attempts[0].requestBody).payload.amount.value).toBe(on.amount);
  },
  webhook_twin: async (on) => {
    await captured(on);
    expect(statuses(on)).toEqual([
      ["payment", "captured", true],
      ["payment", "captured", true],
    ]);
    expect(new Set(on.received.map(({ id }) => id)).size).toBe(2);
  },
  refund_fails: async (on) => {
    await captured(on);
    expect((await refund(on)).body.status).toBe("pending");
    await on.sandbox.clock.advance("PT2S");
    expect((await on.whole()).refunds).toMatchObject([{ status: "failed" }]);
    expect(statuses(on)).toEqual([
      ["payment", "captured", true],
      ["refund", "failed", true],
    ]);
  },
  refund_slow: async (on) => {
    await captured(on);
    await refund(on);
    await on.sandbox.clock.advance("PT4M59.999S");
    expect((await on.whole()).refunds).toMatchObject([{ status: "pending" }]);
    await on.sandbox.clock.advance("PT0.001S");
    expect((await on.whole()).refunds).toMatchObject([{ status: "refunded" }]);
  },
  refund_fails_late: async (on) => {
    await captured(on);
    await refund(on);
    await on.sandbox.clock.advance("PT10M1.999S");
    expect(await on.whole()).toMatchObject({ status: "refunded", refunds: [{ status: "refunded" }] });
    await on.sandbox.clock.advance("PT0.001S");
    expect(await on.whole()).toMatchObject({ status: "captured", refunds: [{ status: "failed" }] });
    expect(statuses(on)).toEqual([
      ["payment", "captured", true],
      ["refund", "refunded", true],
      ["refund", "failed", true],
    ]);
  },
  response_lost: async (on) => {
    await expect(on.create()).rejects.toThrow(TypeError);
    expect(await on.payments()).toHaveLength(1);
    await onlyOne(on);
  },
  server_error_before: async (on) => {
    const { status, body } = await on.create();
    expect([status, body.reason.code]).toEqual([500, "internal_error"]);
    expect(await on.payments()).toEqual([]);
    await onlyOne(on);
  },
  server_error_after: async (on) => {
    const { status, body } = await on.create();
    expect([status, body.reason.code]).toEqual([500, "internal_error"]);
    expect(await on.payments()).toHaveLength(1);
    await onlyOne(on);
  },
  rate_limited: async (on) => {
    const { status, headers, body } = await on.create();
    expect([status, headers.get("Retry-After"), body.reason.code]).toEqual([429, "1", "rate_limited"]);
    expect(await on.payments()).toEqual([]);
    await onlyOne(on);
  },
  slow_response: async (on) => {
    let answered = false;
    const answer = on.create().finally(() => {
      answered = true;
    });
    while ((await on.payments()).length === 0);
    expect(answered).toBe(false);
    expect((await answer).status).toBe(201);
    await onlyOne(on);
    // A timer can be early by less than a millisecond.
    expect((await loggedWithScenario(on)).durationMs).toBeGreaterThanOrEqual(heldMs - 1);
  },
  response_wrong_signature: async (on) => {
    const { status, text, headers } = await on.create();
    expect([status, isSigned(on, text, headers)]).toEqual([201, false]);
    await onlyOne(on);
  },
  response_changed_redirect: async (on) => {
    const { status, text, headers, body } = await on.create();
    expect([status, isSigned(on, text, headers)]).toEqual([201, false]);
    expect(body.nextStep.redirect.url).toMatch(/^https:\/\/attacker\.example\/pay\/[\w-]+$/);
    await onlyOne(on);
  },
  response_html: async (on) => {
    const { status, text, headers } = await on.create();
    expect([status, headers.get("Content-Type")]).toEqual([201, "text/html; charset=utf-8"]);
    expect([text.startsWith("<!DOCTYPE html>"), headers.get("X-Signature")]).toEqual([true, null]);
    await onlyOne(on);
  },
  idempotency_down: async (on) => {
    const { status, body } = await on.create();
    expect([status, body.reason.code]).toEqual([500, "idempotency_unavailable"]);
    expect(await on.payments()).toEqual([]);
    if (on.trigger !== "amount") return onlyOne(on);
    const again = await on.createWithoutHeader();
    expect([again.status, await on.payments()]).toEqual([500, []]);
  },
};

/** An effect does not depend on the trigger. The triggers have their own tests below. */
const rows = catalogue.flatMap(({ name }) =>
  triggers.filter((by) => isFull || by === "header").map((by) => ({ name, by })),
);

describe("each scenario of the catalogue has its effect", () => {
  test.each(rows)("$name by $by", async ({ name, by }) => {
    const on = await setUp(name, by);
    try {
      await effects[name](on);
      expect((await loggedWithScenario(on)).scenario).toEqual({ name, trigger: by });
    } finally {
      await on.sandbox.close();
    }
  });
});

test.each(triggers)("the trigger %s selects each scenario of the catalogue", async (by) => {
  await using sandbox = await frozenSandbox({ limits: { slowResponseMs: 1 } });
  for (const { name, amount } of catalogue) {
    if (by === "queue") await post(sandbox, "/_sandbox/scenarios/next", { scenario: name });
    const request = { ...paymentRequest({ amount: by === "amount" ? amount / 100 : 200 }), merchantReference: name };
    const headers: Record<string, string> = by === "header" ? { "X-Sandbox-Scenario": name } : {};
    await post(sandbox, `/v1/payments?idempotencyKey=key-${name}`, request, headers).catch(() => undefined);
    const [newest] = (await get(sandbox, "/_sandbox/requests?limit=1")).body.data;
    expect(newest.scenario).toEqual({ name, trigger: by });
  }
});

test("closing the sandbox sends a delayed answer immediately", async () => {
  const sandbox = await frozenSandbox({ limits: { slowResponseMs: 600_000 } });
  const answer = post(sandbox, "/v1/payments", paymentRequest(), { "X-Sandbox-Scenario": "slow_response" });
  while ((await get(sandbox, "/v1/payments")).body.data.length === 0);
  await sandbox.close();
  expect((await answer).status).toBe(201);
});

test("the catalogue has the amount, description and object of each scenario", async () => {
  await using sandbox = await frozenSandbox();
  const { data } = (await get(sandbox, "/_sandbox/scenarios")).body;
  expect(data.map(({ name }: { name: string }) => name)).toEqual(Object.keys(effects));
  for (const { description } of data) expect(description).toMatch(/\w{3}/);
  expect(data[1]).toEqual({
    name: "declined_insufficient_funds",
    amount: 8888.01,
    description: "declined: the wallet has too little money",
    on: "payment",
    outcome: "decline",
    reason: "insufficient_funds",
  });
  expect(new Set(data.map(({ amount }: { amount: number }) => amount)).size).toBe(data.length);
});

test("each object of the catalogue can be queued", async () => {
  await using sandbox = await frozenSandbox();
  const { data } = (await get(sandbox, "/_sandbox/scenarios")).body;
  for (const { name, amount: _, description: __, ...scenario } of data) {
    const { status, body } = await post(sandbox, "/_sandbox/scenarios/next", { scenario });
    expect([name, status, body.data.at(-1)]).toEqual([name, 201, { scenario, times: 1 }]);
  }
});

test("docs/scenarios.md has exactly the scenarios of the catalogue and their amounts", () => {
  const text = readFileSync(new URL("../../docs/scenarios.md", import.meta.url), "utf8");
  const rows = [...text.matchAll(/^\| `(\w+)` \| (\d+\.\d\d) \|/gm)].map(([, name, amount]) => [name, Number(amount)]);
  expect(rows).toEqual(catalogue.map(({ name, amount }) => [name, amount / 100]));
});
