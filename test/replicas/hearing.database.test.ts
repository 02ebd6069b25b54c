import { Client } from "pg";
import { describe, expect, test } from "vitest";
import type { Sandbox, SandboxOptions } from "../../src/index.ts";
import { listening, type readEvents } from "../support/hints.ts";
import { createPaidPayment, createPayment, get, paymentRequest, post } from "../support/merchant.ts";
import { eventually, receiverUntilEnd, together, twoReplicas, twoReplicasOneByProxy } from "../support/replicas.ts";

type Stream = ReturnType<typeof readEvents>;

/** Two replicas, the first of which receives no notifications from the database. */
const twoReplicasOneDeaf = () => twoReplicasOneByProxy({}, { deaf: true });

/** Two replicas without polling: waits depend on notifications from the database. */
const twoReplicasWithoutPolling = (options: SandboxOptions = {}) =>
  twoReplicas({ ...options, limits: { storeLookMs: 3_600_000, heldStatusMaxMs: 3_600_000 } });

const waitFor = (sandbox: Sandbox, id: string, status = "captured") =>
  get(sandbox, `/_sandbox/payments/${id}/wait?status=${status}&timeoutMs=60000`);

/** Reads the stream until it has sent every one of these hints. */
async function readHints(stream: Stream, wanted: readonly string[]): Promise<void> {
  const left = new Set(wanted);
  while (left.size > 0) {
    const hint = await stream.next();
    if (hint === undefined) throw new Error(`the stream ended before it sent ${[...left]}`);
    left.delete(`${hint.data.resource} ${hint.data.id}`);
  }
}

describe("a change through one replica", () => {
  test("is sent to the others completely, in at most 50 notifications a second", async () => {
    await using replicas = await twoReplicas();
    const { a, schema } = replicas;
    const listener = new Client({ connectionString: schema.url });
    await listener.connect();
    const messages: { readonly from: string; readonly changes: readonly string[][] | "anything" }[] = [];
    listener.on("notification", ({ payload = "" }) => messages.push(JSON.parse(payload)));
    await listener.query(`LISTEN "sandbox ${schema.name}"`);
    const startTime = performance.now();
    const ids = (await together(150, () => createPayment(a))).map(({ id }) => id);
    const isSent = (id: string) =>
      messages.some(
        ({ changes }) => changes === "anything" || changes.some(([kind, key]) => kind === "payment" && key === id),
      );
    await eventually(async () => ids.filter((id) => !isSent(id))).toEqual([]);
    const tookMs = performance.now() - startTime;
    await listener.end();
    const sender = messages.find(({ changes }) => changes.length > 0)?.from;
    expect(messages.filter(({ from }) => from === sender).length).toBeLessThanOrEqual(tookMs / 20 + 2);
  });

  test("ends waits on the other, which do not poll", async () => {
    await using replicas = await twoReplicasWithoutPolling();
    const { a, b } = replicas;
    const payments = await together(10, () => createPayment(a));
    // Makes the first replica write its log, which would end its waits too.
    await get(a, "/_sandbox/requests");
    for (const { id } of payments) {
      const waiting = waitFor(a, id);
      await b.payments.act(id, "pay");
      expect((await waiting).body).toMatchObject({ id, status: "captured" });
    }
  });

  test("ends a wait on the other for a status that is no longer possible", async () => {
    await using replicas = await twoReplicasWithoutPolling();
    const { a, b } = replicas;
    const { id } = await createPayment(a);
    const waiting = waitFor(a, id);
    await b.payments.act(id, "cancel");
    expect((await waiting).body).toMatchObject({
      reason: { code: "not_reached", description: "It can no longer happen." },
      present: { status: "aborted" },
    });
  });

  test("ends a wait on the other for a notification, after its first attempt", async () => {
    await using receiver = await receiverUntilEnd();
    await using replicas = await twoReplicasWithoutPolling({ webhook: receiver.url });
    const { a, b } = replicas;
    const waiting = get(a, "/_sandbox/notifications/wait?status=captured&timeoutMs=60000");
    const { id } = await createPaidPayment(b);
    expect((await waiting).body).toMatchObject({
      paymentId: id,
      state: "delivered",
      attempts: [{ url: receiver.url }],
    });
  });

  test("is sent on the streams of the other, with the ids of the API", async () => {
    await using replicas = await twoReplicas();
    const { a, b } = replicas;
    const stream = await listening(a);
    const { id } = await createPaidPayment(b);
    const refund = await post(b, `/v1/payments/${id}/refunds`, { merchantReference: "r" });
    const [notification] = (await b.notifications.list()).data;
    await readHints(stream, [
      `payment ${id}`,
      `refund ${refund.body.id}`,
      `notification ${notification?.id}`,
      "request 1",
      "request 2",
    ]);
    expect((await get(a, "/_sandbox/requests")).body.data).toHaveLength(2);
    await b.change({ merchantName: "Harbour Coffee" });
    await readHints(stream, ["world 2HdN2jq6XWmlkhqRC2gDTNYCvNH"]);
    await stream.leave();
  });

  test("answers a status request of a payer's page on the other", async () => {
    await using replicas = await twoReplicasWithoutPolling();
    const { a, b } = replicas;
    const { id, nextStep } = await createPayment(a);
    const page = `${new URL(nextStep.redirect.url).pathname}/status`;
    const { revision, status } = (await get(a, page)).body;
    expect(status).toBe("pending");
    const held = get(a, `${page}?seen=${encodeURIComponent(revision)}`);
    await b.payments.act(id, "scan");
    const scanned = (await held).body;
    expect(scanned).toMatchObject({ status: "pending", scanned: true });
    const again = get(b, `${page}?seen=${encodeURIComponent(scanned.revision)}`);
    await a.payments.act(id, "pay");
    expect((await again).body).toMatchObject({ status: "captured" });
  });
});

describe("the request log", () => {
  const count = async (sandbox: Sandbox) => (await get(sandbox, "/_sandbox/requests")).body.data.length;
  const verify = (sandbox: Sandbox) =>
    post(sandbox, "/_sandbox/requests/verify", { match: { method: "POST", path: "/v1/payments" }, exactly: 2 });

  test("has the requests of its own replica at once, and those of others soon", async () => {
    await using replicas = await twoReplicas();
    const { a, b } = replicas;
    await createPayment(a);
    await createPayment(a);
    expect(await count(a)).toBe(2);
    expect((await verify(a)).body).toEqual({ count: 2 });
    await eventually(() => count(b)).toBe(2);
    expect((await verify(b)).body).toEqual({ count: 2 });
  });

  test("reaches other replicas, although nobody reads it on the replica of the requests", async () => {
    await using replicas = await twoReplicas();
    const { a, b } = replicas;
    await createPayment(a);
    await createPayment(a);
    await eventually(async () => (await verify(b)).status).toBe(200);
  });

  test("has the requests of a replica in the order of their responses, also during slow lookups", async () => {
    await using replicas = await twoReplicas();
    const { a, schema } = replicas;
    const { id } = await createPayment(a);
    // Blocks the lookups that only the log makes, for requests about a payment.
    const other = new Client({ connectionString: schema.url });
    await other.connect();
    await other.query(`BEGIN; LOCK TABLE "${schema.name}".event`);
    const targets = [`/v1/payments/${id}`, "/v1/nothing", "/v1/nothing-else"];
    for (const target of targets) expect((await get(a, target)).status).toBeLessThan(500);
    await other.query("COMMIT");
    await other.end();
    const { data } = (await get(a, "/_sandbox/requests")).body;
    expect(data.map(({ target }: { target: string }) => target)).toEqual([...targets.toReversed(), "/v1/payments"]);
  });

  test("has the requests of all replicas once, in one order", async () => {
    await using replicas = await twoReplicas();
    const { a, b } = replicas;
    await Promise.all(
      Array.from({ length: 30 }, (_, index) =>
        post(index % 2 === 0 ? a : b, "/v1/payments", { ...paymentRequest(), merchantReference: `order-${index}` }),
      ),
    );
    await eventually(() => count(a)).toBe(30);
    const pages = await Promise.all([a, b].map((sandbox) => get(sandbox, "/_sandbox/requests?limit=100")));
    expect(pages[1]?.body).toEqual(pages[0]?.body);
    const ids = pages[0]?.body.data.map(({ id }: { id: string }) => Number(id));
    expect(ids).toEqual(Array.from({ length: 30 }, (_, index) => 30 - index));
  });
});

describe("a change whose notification is missed", () => {
  test("is found by polling: waits, streams and pages get it a little later", async () => {
    await using replicas = await twoReplicasOneDeaf();
    const { a, b } = replicas;
    const { id, nextStep } = await createPayment(a);
    const page = `${new URL(nextStep.redirect.url).pathname}/status`;
    const { revision } = (await get(a, page)).body;
    const stream = await listening(a);
    const waiting = waitFor(a, id);
    const held = get(a, `${page}?seen=${encodeURIComponent(revision)}`);
    await b.payments.act(id, "pay");
    expect((await waiting).status).toBe(200);
    expect((await held).body.status).toBe("captured");
    // The replica does not know the change: subscribers read everything again.
    expect((await stream.next())?.event).toBe("hello");
    await stream.leave();
  });

  test("is found by polling if it ends a world", async () => {
    await using replicas = await twoReplicasOneDeaf();
    const { a, b } = replicas;
    const { id } = await createPayment(a);
    const waiting = waitFor(a, id);
    for (let count = 0; count < 5; count += 1) await get(a, `/_sandbox/payments/${id}`);
    await b.reset();
    const { status, body } = await waiting;
    expect([status, body.reason.description]).toEqual([409, "The world was reset meanwhile."]);
  });

  test("does not prevent deliveries, and each is made once", async () => {
    await using receiver = await receiverUntilEnd();
    await using replicas = await twoReplicasOneDeaf();
    const { a, b } = replicas;
    await b.change({ webhookUrl: receiver.url });
    const paid = await Promise.all([a, b, a, b].map(async (sandbox) => (await createPaidPayment(sandbox)).id));
    await a.settle();
    const notified = receiver.received.map(({ body }) => JSON.parse(body).payload.id);
    expect(notified.sort()).toEqual(paid.sort());
  });
});

test("a session of one replica is valid on the other, and signing out ends it on both", async () => {
  const adminToken = "open-sesame";
  await using replicas = await twoReplicas({ adminToken });
  const [a, b] = await Promise.all([replicas.a.listen(), replicas.b.listen()]);
  const ask = (url: string, path: string, init: RequestInit = {}) => fetch(url + path, { redirect: "manual", ...init });
  const form = new URLSearchParams({ token: adminToken, back: "/" });
  const signedIn = await ask(a, "/inspector/sign-in", { method: "POST", body: form });
  const [, value = ""] = /=([^;]+)/.exec(signedIn.headers.get("set-cookie") ?? "") ?? [];
  const cookies = (url: string, session = value) => ({ Cookie: `sandbox_session_${new URL(url).port}=${session}` });
  expect(signedIn.status).toBe(303);
  for (const url of [a, b]) {
    expect((await ask(url, "/", { headers: cookies(url) })).status).toBe(200);
    expect((await ask(url, "/", { headers: cookies(url, "x".repeat(value.length)) })).status).toBe(401);
    expect((await ask(url, "/")).status).toBe(401);
  }
  await ask(b, "/inspector/sign-out", { method: "POST", headers: cookies(b) });
  for (const url of [a, b]) expect((await ask(url, "/", { headers: cookies(url) })).status).toBe(401);
});
