// Needs a sandbox at SANDBOX_URL. Each test has a world of its own, and runs examples/merchant.mjs for it.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createHmac } from "node:crypto";
import { after, test } from "node:test";
import { Provider } from "./provider.mjs";

const sandbox = process.env.SANDBOX_URL ?? "http://127.0.0.1:8852";
const merchant = new URL("../merchant.mjs", import.meta.url).pathname;
const children = [];
after(() => {
  for (const child of children) child.kill();
});

async function http(method, url, content, headers = {}) {
  const body = content === undefined || typeof content === "string" ? content : JSON.stringify(content);
  const response = await fetch(url, { method, headers, body });
  const text = await response.text();
  const isJson = response.headers.get("Content-Type")?.startsWith("application/json") && text !== "";
  return { status: response.status, content: isJson ? JSON.parse(text) : text };
}

/** Starts the merchant. @returns its URL. */
function start(account, { kid, privateKey, hmacKey }) {
  const names = { BASE_URL: sandbox, PROCESSING_ACCOUNT_ID: account, KID: kid, PRIVATE_KEY: privateKey };
  const variables = Object.entries({ ...names, HMAC_KEY: hmacKey }).map(([name, value]) => [`NOMUPAY_${name}`, value]);
  const env = { ...Object.fromEntries(variables), PORT: "0" };
  const child = spawn(process.execPath, [merchant], { env, stdio: ["ignore", "pipe", "ignore"] });
  children.push(child);
  return new Promise((resolve, reject) => {
    child.once("exit", () => reject(new Error("The merchant ended.")));
    child.stdout.setEncoding("utf8").on("data", (text) => resolve(/The shop is at (\S+),/.exec(text)[1]));
  });
}

async function openWorld() {
  const { content } = await http("POST", `${sandbox}/_sandbox/worlds`, { clock: "2026-01-05T09:00:00Z" });
  const { processingAccountId: account, hmacKey } = content;
  const url = await start(account, content);
  const control = async (method, path, body) => {
    const answer = await http(method, `${sandbox}/_sandbox/worlds/${account}${path}`, body);
    assert.ok(answer.status < 400, `${method} ${path}: ${JSON.stringify(answer)}`);
    return answer.content;
  };
  await control("PATCH", "", { settings: { webhookUrl: `${url}/webhooks` } });
  const settle = () => control("POST", "/settle", {});
  const payments = async () => (await control("GET", "/payments")).data;
  const act = async (action, id) => {
    await control("POST", `/payments/${id ?? (await payments())[0].id}/actions`, { action });
    await settle();
  };
  const order = (amount = 200) => http("POST", `${url}/orders`, { reference: "1001", amount });
  const view = async () => (await http("GET", `${url}/orders/1001`)).content;
  return {
    ...{ account, hmacKey, url, control, settle, payments, act, order, view },
    /** Status, paid amount, refunded amount and fulfilments of the order. */
    state: async () => {
      const { status, paidAmount, refundedAmount, fulfilments } = await view();
      return [status, paidAmount, refundedAmount, fulfilments];
    },
    next: (scenario, times = 1) => control("POST", "/scenarios/next", { scenario, times }),
    advance: (by) => control("POST", "/clock/advance", { by }),
    attempts: async () => {
      const { data } = await control("GET", "/notifications");
      return data.toReversed().map((each) => each.attempts.map(({ answer }) => answer.status));
    },
    keys: async () => {
      const { data } = await control("GET", "/requests");
      const targets = data.toReversed().map(({ target }) => /^\/v1\/payments\?idempotencyKey=(.+)$/.exec(target)?.[1]);
      return targets.filter((key) => key !== undefined);
    },
    resendAll: async () => {
      for (const { id } of (await control("GET", "/notifications")).data) {
        await control("POST", `/notifications/${id}/resend`, {});
      }
      await settle();
    },
    /** Sends a notification with the provider's signature. @returns the status of the response. */
    notify: async (payload, type = "payment", claims = {}) => {
      const body = JSON.stringify({ id: `n-${Math.random()}`, type, live: false, payload });
      const right = { alg: "HS256", exp: Date.now() / 1000 + 60, aud: `${url}/webhooks`, ...claims };
      const header = Buffer.from(JSON.stringify(right)).toString("base64url");
      const input = `${header}.${Buffer.from(body).toString("base64url")}`;
      const signature = createHmac("sha256", hmacKey).update(input).digest("base64url");
      return (await http("POST", `${url}/webhooks`, body, { "X-Signature": `${header}..${signature}` })).status;
    },
    /** Another program of the merchant creates a payment with the reference of the order. */
    createElsewhere: async (value) => {
      const paymentMethod = {
        type: "alipay_hk",
        alipayHk: { flowType: "qr_link", returnUrl: "https://shop.example/" },
      };
      const payment = { merchantReference: "1001", amount: { value, currency: "hkd" }, paymentMethod };
      const provider = new Provider({ ...content, baseUrl: sandbox, account });
      return (await provider.call("POST", "/v1/payments", { processingAccountId: account, ...payment })).content.id;
    },
    /** A person refunds a payment, past the merchant. */
    refundAtProvider: async (id) => {
      const provider = new Provider({ ...content, baseUrl: sandbox, account });
      await provider.call("POST", `/v1/payments/${id}/refunds`, { merchantReference: "by-hand" });
      await control("POST", "/clock/advance", { by: "PT2S" });
      await settle();
    },
  };
}

/** A test with a world of its own. */
const inWorld = (name, run) => test(name, async () => run(await openWorld()));

inWorld("an order is paid", async ({ order, act, state, url }) => {
  const { status, content } = await order();
  assert.equal(status, 201);
  assert.match(content.paymentUrl, /^http/);
  assert.deepEqual(await state(), ["unpaid", 0, 0, 0]);
  await act("pay");
  assert.deepEqual(await state(), ["paid", 200, 0, 1]);
  assert.equal((await order()).status, 409);
  assert.equal((await http("GET", `${url}/orders?limit=5`)).content.data.length, 1);
});

for (const [action, ended] of [
  ["decline", "declined"],
  ["cancel", "expired"],
  ["expire", "expired"],
  ["fail", "expired"],
]) {
  inWorld(`after ${action} a new payment has a new key, and paid stays paid`, async (world) => {
    const { content: first } = await world.order();
    await world.act(action);
    assert.deepEqual(await world.state(), [ended, 0, 0, 0]);
    const { content: second } = await world.order();
    assert.notEqual(second.paymentUrl, first.paymentUrl);
    assert.deepEqual(await world.keys(), ["order-1001-1", "order-1001-2"]);
    await world.act("pay");
    await world.resendAll();
    assert.deepEqual(await world.state(), ["paid", 200, 0, 1]);
  });
}

for (const scenario of ["response_lost", "server_error_before", "server_error_after", "webhook_before_response"]) {
  inWorld(`${scenario}: the key is repeated, and there is one payment`, async (world) => {
    await world.next(scenario);
    assert.equal((await world.order()).status, 201);
    assert.deepEqual(new Set(await world.keys()), new Set(["order-1001-1"]));
    assert.equal((await world.payments()).length, 1);
    if (scenario !== "webhook_before_response") await world.act("pay");
    assert.deepEqual(await world.state(), ["paid", 200, 0, 1]);
  });
}

for (const scenario of ["response_wrong_signature", "response_changed_redirect", "response_html"]) {
  inWorld(`${scenario}: the response is not used, and its payment is learned by the key`, async (world) => {
    await world.next(scenario);
    const { status, content } = await world.order();
    assert.deepEqual([status, content.paymentUrl], [500, undefined]);
    await world.act("pay");
    assert.deepEqual(await world.state(), ["paid", 200, 0, 1]);
    assert.deepEqual(await world.keys(), ["order-1001-1", "order-1001-1"]);
  });
}

for (const scenario of ["webhook_twice", "webhook_twin"]) {
  inWorld(`${scenario}: the goods are sent once`, async (world) => {
    await world.next(scenario);
    await world.order();
    await world.act("pay");
    assert.deepEqual(await world.state(), ["paid", 200, 0, 1]);
  });
}

inWorld("the return asks the provider", async ({ next, order, act, state, url }) => {
  await next("webhook_never");
  await order();
  const back = (method) => http(method, `${url}/return?reference=1001&status=captured`);
  assert.deepEqual(await back("GET"), { status: 200, content: "Order 1001: unpaid\n" });
  await act("pay");
  assert.deepEqual(await state(), ["unpaid", 0, 0, 0]);
  assert.deepEqual(await back("POST"), { status: 200, content: "Order 1001: paid\n" });
  assert.deepEqual(await state(), ["paid", 200, 0, 1]);
});

for (const [scenario, value] of [
  ["rate_limited", 1],
  ["rate_limited", 200],
  ["response_wrong_signature", 200],
  ["paid_never_returns", 200],
]) {
  inWorld(`a strange payment of ${value} after ${scenario} pays nothing, and is to check`, async (world) => {
    await world.next(scenario);
    await world.order();
    const strange = await world.createElsewhere(value);
    await world.act("pay", strange);
    assert.deepEqual(await world.state(), ["attention", 0, 0, 0]);
    assert.deepEqual((await world.view()).toCheck, [strange]);
    await world.refundAtProvider(strange);
    assert.deepEqual((await world.view()).toCheck, []);
  });
}

inWorld("two paid attempts send the goods once, and the second one is to check until it is refunded", async (world) => {
  await world.next({ paidLate: "PT10M" });
  await world.order();
  await world.advance("PT30M");
  await world.order();
  await world.advance("PT10M");
  assert.deepEqual(await world.state(), ["paid", 200, 0, 1]);
  const [{ id: second }] = await world.payments();
  await world.act("pay", second);
  assert.deepEqual(await world.state(), ["attention", 200, 0, 1]);
  assert.deepEqual((await world.view()).toCheck, [second]);
  await world.refundAtProvider(second);
  assert.deepEqual(await world.state(), ["paid", 200, 0, 1]);
});

inWorld("the job finds a payment without webhook and return, and one whose response was lost", async (world) => {
  const { next, order, act, state, url } = world;
  const job = () => http("POST", `${url}/jobs`);
  await next("server_error_before", 3);
  assert.equal((await order()).status, 500);
  await next("webhook_never");
  assert.equal((await job()).status, 204);
  await act("pay");
  assert.deepEqual(await state(), ["unpaid", 0, 0, 0]);
  assert.equal((await job()).status, 204);
  assert.deepEqual(await state(), ["paid", 200, 0, 1]);
});

inWorld("a paid order cannot be cancelled, and money for a cancelled one is to check", async (world) => {
  const { order, act, state, url, payments } = world;
  const cancel = (reference) => http("POST", `${url}/orders/${reference}/cancel`);
  await order();
  assert.equal((await cancel("1001")).status, 200);
  assert.equal((await order()).status, 409);
  assert.deepEqual(await state(), ["cancelled", 0, 0, 0]);
  await act("pay");
  assert.deepEqual(await state(), ["attention", 0, 0, 0]);
  await world.refundAtProvider((await payments())[0].id);
  assert.deepEqual(await state(), ["cancelled", 0, 0, 0]);
  await http("POST", `${url}/orders`, { reference: "1002", amount: 200 });
  await act("pay");
  assert.equal((await cancel("1002")).status, 409);
});

inWorld("notifications that do not fit pay nothing", async ({ next, order, act, payments, notify, state }) => {
  await next("webhook_never");
  await order();
  await act("pay");
  const [{ id }] = await payments();
  const right = { id, merchantReference: "1001", status: "captured", amount: { value: 200, currency: "hkd" } };
  for (const [changes, type] of [
    [{}, "dispute"],
    [{ paymentId: "unknown" }, "refund"],
  ]) {
    assert.equal(await notify({ ...right, ...changes }, type), 204);
    assert.deepEqual(await state(), ["unpaid", 0, 0, 0]);
  }
  for (const claims of [{ aud: undefined }, { alg: "none" }, { exp: 1 }]) {
    assert.equal(await notify(right, "payment", claims), 401);
  }
  assert.deepEqual(await state(), ["unpaid", 0, 0, 0]);
  for (const changes of [
    { amount: { value: 1, currency: "hkd" } },
    { amount: { value: 200, currency: "usd" } },
    { processingAccountId: "another" },
    { id: id.toLowerCase() },
  ]) {
    assert.equal(await notify({ ...right, ...changes }), 204);
    assert.deepEqual(await state(), ["attention", 0, 0, 0]);
  }
  assert.equal(await notify({ ...right, status: "an unknown one" }), 204);
  assert.deepEqual(await state(), ["attention", 200, 0, 1]);
});

inWorld("a webhook is retried until the payment can be read", async (world) => {
  await world.order();
  await world.next({ on: "read", fault: "server_error_before" }, 3);
  await world.act("pay");
  assert.deepEqual([await world.state(), await world.attempts()], [["unpaid", 0, 0, 0], [[500]]]);
  await world.advance("PT2M");
  assert.deepEqual([await world.state(), await world.attempts()], [["paid", 200, 0, 1], [[500, 204]]]);
});

inWorld("a refund counts when it is done, and old notifications set nothing back", async (world) => {
  await world.order();
  await world.act("pay");
  const refund = (content) => http("POST", `${world.url}/orders/1001/refunds`, content);
  assert.equal((await refund({ amount: 50 })).status, 201);
  assert.deepEqual(await world.state(), ["paid", 200, 0, 1]);
  await world.advance("PT2S");
  assert.deepEqual(await world.state(), ["partially_refunded", 200, 50, 1]);
  assert.equal((await refund({ amount: 50 })).content.reason.code, "partial_refund_limit_reached");
  await world.resendAll();
  assert.deepEqual(await world.state(), ["partially_refunded", 200, 50, 1]);
});

for (const [scenario, by, expected] of [
  ["refund_fails", "PT2S", ["paid", 200, 0, 1]],
  ["refund_fails_late", "PT2S", ["refunded", 200, 200, 1]],
  ["refund_fails_late", "PT1H", ["paid", 200, 0, 1]],
  // The refund is reported first: the goods are not sent.
  ["webhook_out_of_order", "PT2S", ["refunded", 200, 200, 0]],
]) {
  inWorld(`${scenario}: after ${by} the order is ${expected[0]}`, async (world) => {
    await world.next(scenario);
    await world.order();
    await world.act("pay");
    assert.equal((await http("POST", `${world.url}/orders/1001/refunds`)).status, 201);
    await world.advance(by);
    assert.deepEqual(await world.state(), expected);
  });
}

inWorld("requests that make no sense are refused, and a corrected amount is not", async ({ url, order, payments }) => {
  for (const content of ["no JSON", "[]", {}, { reference: "a/b", amount: 1 }, { reference: "1001", amount: "much" }]) {
    assert.equal((await http("POST", `${url}/orders`, content)).status, 400);
  }
  assert.equal((await http("POST", `${url}/orders/1002/refunds`)).status, 404);
  assert.deepEqual(await payments(), []);
  assert.equal((await order()).status, 201);
});

inWorld("orders at the same instant make one payment", async ({ order, payments }) => {
  const orders = await Promise.all([1, 2, 3, 4, 5].map(() => order()));
  assert.equal(new Set(orders.map(({ content }) => content.paymentUrl)).size, 1);
  assert.equal((await payments()).length, 1);
});
