import { Client } from "pg";
import { describe, expect, test } from "vitest";
import type { Sandbox, SandboxOptions } from "../../src/index.ts";
import { listening, type readEvents } from "../support/hints.ts";
import { createPaidPayment, createPayment, get, paymentRequest, post } from "../support/merchant.ts";
import { eventually, receiverUntilEnd, together, twoReplicas, twoReplicasOneByProxy } from "../support/replicas.ts";

type Stream = ReturnType<typeof readEvents>;

/** Two replicas, the first of which does not hear what the database tells it. */
const twoReplicasOneDeaf = () => twoReplicasOneByProxy({}, { deaf: true });

/** Two replicas on which nobody finds out by looking what he was not told. */
const twoReplicasThatListen = (options: SandboxOptions = {}) =>
  twoReplicas({ ...options, limits: { storeLookMs: 3_600_000, heldStatusMaxMs: 3_600_000 } });

const waitFor = (sandbox: Sandbox, id: string, status = "captured") =>
  get(sandbox, `/_sandbox/payments/${id}/wait?status=${status}&timeoutMs=60000`);

/** Reads until every one of these has been told. */
async function readUntilTold(stream: Stream, wanted: readonly string[]): Promise<void> {
  const left = new Set(wanted);
  while (left.size > 0) {
    const told = await stream.next();
    if (told === undefined) throw new Error(`the stream ended before it told ${[...left]}`);
    left.delete(`${told.data.resource} ${told.data.id}`);
  }
}

describe("what is done through one replica", () => {
  test("is told to the others whole, and at most 50 times a second", async () => {
    await using replicas = await twoReplicas();
    const { a, schema } = replicas;
    const listener = new Client({ connectionString: schema.url });
    await listener.connect();
    const told: { readonly from: string; readonly changes: readonly string[][] | "anything" }[] = [];
    listener.on("notification", ({ payload = "" }) => told.push(JSON.parse(payload)));
    await listener.query(`LISTEN "sandbox ${schema.name}"`);
    const begun = performance.now();
    const ids = (await together(150, () => createPayment(a))).map(({ id }) => id);
    const isTold = (id: string) =>
      told.some(
        ({ changes }) => changes === "anything" || changes.some(([kind, key]) => kind === "payment" && key === id),
      );
    await eventually(async () => ids.filter((id) => !isTold(id))).toEqual([]);
    const tookMs = performance.now() - begun;
    await listener.end();
    const sender = told.find(({ changes }) => changes.length > 0)?.from;
    expect(told.filter(({ from }) => from === sender).length).toBeLessThanOrEqual(tookMs / 20 + 2);
  });

  test("answers waits of the other, which look only when they are told", async () => {
    await using replicas = await twoReplicasThatListen();
    const { a, b } = replicas;
    const payments = await together(10, () => createPayment(a));
    // What the first replica still has to write would wake its waits too.
    await get(a, "/_sandbox/requests");
    for (const { id } of payments) {
      const waiting = waitFor(a, id);
      await b.payments.act(id, "pay");
      expect((await waiting).body).toMatchObject({ id, status: "captured" });
    }
  });

  test("answers a wait for what cannot come any more", async () => {
    await using replicas = await twoReplicasThatListen();
    const { a, b } = replicas;
    const { id } = await createPayment(a);
    const waiting = waitFor(a, id);
    await b.payments.act(id, "cancel");
    expect((await waiting).body).toMatchObject({
      reason: { code: "not_reached", description: "It can no longer happen." },
      present: { status: "aborted" },
    });
  });

  test("answers a wait for a notification, once it has been tried", async () => {
    await using receiver = await receiverUntilEnd();
    await using replicas = await twoReplicasThatListen({ webhook: receiver.url });
    const { a, b } = replicas;
    const waiting = get(a, "/_sandbox/notifications/wait?status=captured&timeoutMs=60000");
    const { id } = await createPaidPayment(b);
    expect((await waiting).body).toMatchObject({
      paymentId: id,
      state: "delivered",
      attempts: [{ url: receiver.url }],
    });
  });

  test("is told by the streams of the other, by the ids that it is read by", async () => {
    await using replicas = await twoReplicas();
    const { a, b } = replicas;
    const stream = await listening(a);
    const { id } = await createPaidPayment(b);
    const refund = await post(b, `/v1/payments/${id}/refunds`, { merchantReference: "r" });
    const [notification] = (await b.notifications.list()).data;
    await readUntilTold(stream, [
      `payment ${id}`,
      `refund ${refund.body.id}`,
      `notification ${notification?.id}`,
      "request 1",
      "request 2",
    ]);
    expect((await get(a, "/_sandbox/requests")).body.data).toHaveLength(2);
    await b.change({ merchantName: "Harbour Coffee" });
    await readUntilTold(stream, ["world 2HdN2jq6XWmlkhqRC2gDTNYCvNH"]);
    await stream.leave();
  });

  test("is told to a payer's page that the other holds", async () => {
    await using replicas = await twoReplicasThatListen();
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

  test("of a replica has at once what that replica took, and soon what others took", async () => {
    await using replicas = await twoReplicas();
    const { a, b } = replicas;
    await createPayment(a);
    await createPayment(a);
    expect(await count(a)).toBe(2);
    expect((await verify(a)).body).toEqual({ count: 2 });
    await eventually(() => count(b)).toBe(2);
    expect((await verify(b)).body).toEqual({ count: 2 });
  });

  test("is seen by the others although nobody asks the one that took the requests", async () => {
    await using replicas = await twoReplicas();
    const { a, b } = replicas;
    await createPayment(a);
    await createPayment(a);
    await eventually(async () => (await verify(b)).status).toBe(200);
  });

  test("has the requests of a replica in the order of their answers, whatever there is to look up for each", async () => {
    await using replicas = await twoReplicas();
    const { a, schema } = replicas;
    const { id } = await createPayment(a);
    // What is looked up for the log alone, and for a request about a payment alone, takes until it is let go.
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

  test("counts the requests of all, each once, in one order", async () => {
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

describe("what the database tells nobody", () => {
  test("is found out by looking: waits, streams and pages come a little later", async () => {
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
    // It cannot say what has changed: whoever listens reads all again.
    expect((await stream.next())?.event).toBe("hello");
    await stream.leave();
  });

  test("the end of a world included", async () => {
    await using replicas = await twoReplicasOneDeaf();
    const { a, b } = replicas;
    const { id } = await createPayment(a);
    const waiting = waitFor(a, id);
    for (let count = 0; count < 5; count += 1) await get(a, `/_sandbox/payments/${id}`);
    await b.reset();
    const { status, body } = await waiting;
    expect([status, body.reason.description]).toEqual([409, "The world was reset meanwhile."]);
  });

  test("keeps no delivery from being made, and made once", async () => {
    await using receiver = await receiverUntilEnd();
    await using replicas = await twoReplicasOneDeaf();
    const { a, b } = replicas;
    await b.change({ webhookUrl: receiver.url });
    const paid = await Promise.all([a, b, a, b].map(async (sandbox) => (await createPaidPayment(sandbox)).id));
    await a.settle();
    const told = receiver.received.map(({ body }) => JSON.parse(body).payload.id);
    expect(told.sort()).toEqual(paid.sort());
  });
});

test("who has signed in at one replica is signed in at the other, and signed out at both", async () => {
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
