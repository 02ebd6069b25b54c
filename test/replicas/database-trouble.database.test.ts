import { describe, expect, onTestFinished, test } from "vitest";
import { startReplica } from "../../scripts/replicas.ts";
import { type Sandbox, type SandboxOptions, signRequest, verifyResponse } from "../../src/index.ts";
import {
  type Answer,
  answerOf,
  createPaidPayment,
  createPayment,
  get,
  paymentRequest,
  post,
} from "../support/merchant.ts";
import { notificationsOf } from "../support/notifications.ts";
import type { PostgresProxy } from "../support/postgres-proxy.ts";
import {
  account,
  eventually,
  holdingReceiver,
  receiverUntilEnd,
  together,
  twoReplicasOneByProxy,
} from "../support/replicas.ts";

/** Store timeout of the first replica, in milliseconds. */
const timeoutMs = 1_000;

/** Failures between a replica and its database. */
const troubles: readonly (readonly [string, (proxy: PostgresProxy) => void])[] = [
  ["cuts all connections and refuses new ones", (proxy) => proxy.cut()],
  ["answers nothing", (proxy) => proxy.hold()],
  ["answers too late", (proxy) => proxy.delay(2 * timeoutMs)],
];
/** The two failures that tests detect fastest. The third one combines them. */
const plainTroubles = troubles.slice(0, 2);

const openReplicas = (options: SandboxOptions = {}, storeTimeout = `PT${timeoutMs / 1000}S`) =>
  twoReplicasOneByProxy({ ...options, limits: { storeRetryMs: 50, ...options.limits } }, { storeTimeout });

const isSigned = ({ headers, text }: Answer, hmacKey: string) =>
  verifyResponse({ signature: headers.get("x-signature"), body: text, hmacKey });
const statusOf = async (sandbox: Pick<Sandbox, "fetch">, path: string) => {
  const { status, body } = await get(sandbox, path);
  return `${status} ${body.status}`;
};
const isReadyAgain = (sandbox: Pick<Sandbox, "fetch">) =>
  eventually(() => statusOf(sandbox, "/_sandbox/ready")).toBe("200 ready");

describe.each(troubles)("a database that %s", (_, begin) => {
  test("fails every request with a signed response in time, until it answers again", async () => {
    await using replicas = await openReplicas();
    const { a, b, proxy } = replicas;
    const { hmacKey } = a.credentials;
    const before = [];
    for (let count = 0; count < 20; count += 1) before.push(await createPayment(a));
    begin(proxy);
    const answers = await together(100, () => post(a, "/v1/payments", paymentRequest()));
    for (const { status, body } of answers) expect([status, body.reason.code]).toEqual([500, "internal_error"]);
    expect(answers.filter((answer) => !isSigned(answer, hmacKey))).toEqual([]);
    expect(await statusOf(a, "/_sandbox/ready")).toBe("503 store_unavailable");
    expect(await statusOf(a, "/_sandbox/health")).toBe("200 ok");
    expect((await get(b, "/v1/payments?limit=100")).body.data).toHaveLength(20);

    proxy.open();
    await isReadyAgain(a);
    for (const { id } of before) expect((await get(a, `/v1/payments/${id}`)).status).toBe(200);
    const { id } = await createPaidPayment(a);
    expect((await get(b, `/v1/payments/${id}`)).body.status).toBe("captured");
  });
});

describe.each(plainTroubles)("a database that %s", (_, begin) => {
  test("does not affect the signatures: each merchant gets its own", async () => {
    await using replicas = await openReplicas();
    const { a, proxy } = replicas;
    const { credentials } = await a.world({ processingAccountId: account });
    const { kid, privateKey, hmacKey } = credentials;
    const ask = async () => {
      const signature = signRequest({ method: "GET", target: "/v1/payments", kid, privateKey });
      return answerOf(await a.fetch("/v1/payments", { headers: { "X-Signature": signature } }));
    };
    expect((await ask()).status).toBe(200);
    await get(a, "/v1/payments");
    begin(proxy);
    for (const [answer, own, other] of [
      [await ask(), hmacKey, a.credentials.hmacKey],
      [await get(a, "/v1/payments"), a.credentials.hmacKey, hmacKey],
    ] as const) {
      expect([answer.status, isSigned(answer, own), isSigned(answer, other)]).toEqual([500, true, false]);
    }
  });

  test("makes every kind of request fail with internal_error", async () => {
    await using replicas = await openReplicas();
    const { a, proxy } = replicas;
    const { id, nextStep } = await createPayment(a);
    begin(proxy);
    for (const target of [
      "/v1/transactions",
      `/v1/payments/${id}`,
      "/_sandbox/clock",
      "/_sandbox/requests",
      `/_sandbox/payments/${id}/wait?status=captured`,
      "/_sandbox/events",
      new URL(nextStep.redirect.url).pathname,
      "/",
    ]) {
      expect([target, (await get(a, target)).status]).toEqual([target, 500]);
    }
    await expect(a.world()).rejects.toMatchObject({ code: "internal_error" });
  });
});

describe.each(plainTroubles)("while a database %s", (_, begin) => {
  test("few of many requests wait for it, also if connections were idle at the start", async () => {
    await using replicas = await openReplicas();
    const { a, proxy } = replicas;
    // Opens all connections of the replica.
    await together(8, () => get(a, "/v1/payments"));
    begin(proxy);
    let waited = 0;
    for (let count = 0; count < 24; count += 1) {
      const start = performance.now();
      const [answer, ready] = await Promise.all([get(a, "/v1/payments"), statusOf(a, "/_sandbox/ready")]);
      expect([answer.status, ready]).toEqual([500, "503 store_unavailable"]);
      if (performance.now() - start >= timeoutMs / 2) waited += 1;
    }
    expect(waited).toBeLessThan(8);
    proxy.open();
    await isReadyAgain(a);
  });

  test("a replica can be closed during a delivery", async () => {
    await using receiver = await holdingReceiver();
    await using replicas = await openReplicas({ webhook: receiver.url, limits: { closeTimeoutMs: 50 } });
    const { a, proxy } = replicas;
    await createPaidPayment(a);
    await receiver.arrived(1);
    begin(proxy);
    await expect(a.close()).resolves.toBeUndefined();
  });
});

test("a merchant's first response is signed, even if the database fails before it", async () => {
  await using replicas = await openReplicas();
  const { a, proxy } = replicas;
  proxy.cut();
  const answer = await get(a, "/v1/payments");
  expect([answer.status, isSigned(answer, a.credentials.hmacKey)]).toEqual([500, true]);
});

test("a database that is slow but within the timeout fails no request", async () => {
  await using replicas = await twoReplicasOneByProxy();
  const { a, b, proxy } = replicas;
  proxy.delay(5);
  const made = await together(5, () => createPaidPayment(a));
  const { data } = (await get(b, "/v1/payments?status=captured")).body;
  expect(data.map(({ id }: { id: string }) => id).sort()).toEqual(made.map(({ id }) => id).sort());
  expect(await statusOf(a, "/_sandbox/ready")).toBe("200 ready");
});

describe.each(plainTroubles)("a database that %s for a while", (_, begin) => {
  test("gets the attempt of that time later, once", async () => {
    await using receiver = await holdingReceiver();
    await using replicas = await openReplicas({ webhook: receiver.url });
    const { a, b, proxy, another } = replicas;
    // Nobody is left who would take a replica that is cut off for a dead one.
    await b.close();
    await createPaidPayment(a);
    await receiver.arrived(1);
    begin(proxy);
    receiver.letGo();
    expect((await get(a, "/v1/payments")).status).toBe(500);
    proxy.open();
    await isReadyAgain(a);
    await a.settle();
    const [{ state, attempts }, ...others] = await notificationsOf(await another());
    expect([state, attempts.length, others.length, receiver.received.length]).toEqual(["delivered", 1, 0, 1]);
  });

  test("ends an advance of the clock, which any replica can repeat afterwards", async () => {
    await using receiver = await holdingReceiver();
    await using replicas = await openReplicas({ webhook: receiver.url });
    const { a, b, proxy } = replicas;
    await createPayment(a);
    const advance = post(a, "/_sandbox/clock/advance", { by: "PT1H" });
    await receiver.arrived(1);
    begin(proxy);
    receiver.letGo();
    // The advance may still succeed, if the database answers again in time.
    await eventually(async () => (await get(a, "/v1/payments")).status).toBe(500);
    proxy.open();
    expect([200, 500]).toContain((await advance).status);
    await eventually(async () => (await post(b, "/_sandbox/clock/advance", { by: "PT1H" })).status).toBe(200);
    await eventually(async () => (await post(a, "/_sandbox/clock/advance", { by: "PT1H" })).status).toBe(200);
    const [{ state, attempts }] = await notificationsOf(b);
    expect([state, attempts.length, receiver.received.length]).toEqual(["delivered", 1, 1]);
  });
});

test("requests that are repeated with their key until they succeed create one payment each", async () => {
  await using replicas = await openReplicas({}, "PT5S");
  const { a, b, proxy } = replicas;
  const url = await a.listen();
  const overSocket = { fetch: ((path, init) => fetch(url + path, init)) as Sandbox["fetch"] };
  const answers = together(40, async (index) => {
    for (;;) {
      const answer = await post(overSocket, `/v1/payments?idempotencyKey=order-1001-${index}`, paymentRequest());
      if (answer.status !== 500) return answer;
    }
  });
  for (let cuts = 0; cuts < 2; cuts += 1) {
    await get(b, "/v1/payments");
    proxy.cut();
    await eventually(async () => (await get(overSocket, "/v1/payments")).status).toBe(500);
    proxy.open();
    await isReadyAgain(a);
  }
  const made = await answers;
  expect(new Set(made.map(({ status }) => status))).toEqual(new Set([201]));
  const { data } = (await get(b, "/v1/payments?limit=100")).body;
  expect(data.map(({ id }: { id: string }) => id).sort()).toEqual(made.map(({ body }) => body.id).sort());
});

test("the console reports once that the database is unreachable, and once that it is back", async () => {
  await using replicas = await openReplicas();
  const { proxy, schema } = replicas;
  const lines: string[] = [];
  const { url, kill } = await startReplica({ url: proxy.url, schema: schema.name, port: 0 }, (line) =>
    lines.push(line.message),
  );
  onTestFinished(kill);
  const overSocket = { fetch: ((path, init) => fetch(url + path, init)) as Sandbox["fetch"] };
  proxy.cut();
  for (let count = 0; count < 20; count += 1) expect((await get(overSocket, "/v1/payments")).status).toBe(500);
  proxy.open();
  await isReadyAgain(overSocket);
  expect(lines).toEqual([
    expect.stringMatching(
      /^The database cannot be reached: .+ Requests get internal_error until it is reachable again\.$/,
    ),
    "The database is reachable again.",
  ]);
});

describe("a commit whose confirmation is lost", () => {
  test("loses no notification", async () => {
    await using receiver = await receiverUntilEnd();
    await using replicas = await openReplicas({ webhook: receiver.url });
    const { a, b, proxy } = replicas;
    const { id } = await createPayment(a);
    const lost = proxy.loseCommit('"lease":"');
    await a.payments.act(id, "pay");
    await lost;
    await receiver.arrived(1);
    await eventually(async () => (await b.notifications.list()).data[0]?.state).toBe("delivered");
    await b.settle();
    expect(receiver.received).toHaveLength(1);
  });

  test("logs no request twice", async () => {
    await using replicas = await openReplicas();
    const { a, b, proxy } = replicas;
    const lost = proxy.loseCommit("/v1/nothing");
    await get(a, "/v1/nothing");
    await lost;
    await get(a, "/v1/payments");
    const targets = async (sandbox: Sandbox) =>
      (await get(sandbox, "/_sandbox/requests")).body.data.map(({ target }: { target: string }) => target);
    expect(await targets(a)).toEqual(["/v1/payments", "/v1/nothing"]);
    expect(await targets(b)).toEqual(["/v1/payments", "/v1/nothing"]);
  });

  test("keeps no world's clock busy", async () => {
    await using replicas = await openReplicas();
    const { a, b, proxy } = replicas;
    const lost = proxy.loseCommit('"advancing":true');
    const moved = await post(a, "/_sandbox/clock/advance", { by: "PT1M" });
    await lost;
    expect(moved.status).toBe(500);
    await eventually(async () => (await post(b, "/_sandbox/clock/advance", { by: "PT1M" })).status).toBe(200);
  });
});
