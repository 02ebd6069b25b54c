import { createHook } from "node:async_hooks";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { setImmediate } from "node:timers/promises";
import { beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";
import type { Sandbox } from "../../src/index.ts";
import { MemoryStore } from "../../src/store/memory/store.ts";
import { createPaidPayment, createPayment, frozenSandbox, get, paymentRequest, post } from "../support/merchant.ts";
import { gate } from "../support/receiver.ts";

// Counts that do not depend on the machine: a change that makes requests slower fails here.

interface Known {
  readonly id: string;
  readonly trackId: string;
  readonly paidId: string;
  readonly refundTrackId: string;
  readonly transactionId: string;
}

const lastPart = (url: string) => url.slice(url.lastIndexOf("/") + 1);

async function known(sandbox: Sandbox): Promise<Known> {
  const { id, trackingUrl } = await createPayment(sandbox);
  const { id: paidId } = await createPaidPayment(sandbox);
  const { id: refundedId } = await createPaidPayment(sandbox);
  const refund = await post(sandbox, `/v1/payments/${refundedId}/refunds`, { merchantReference: "return-1" });
  const { data } = (await get(sandbox, "/v1/transactions")).body;
  await sandbox.settle();
  const refundTrackId = lastPart(refund.body.trackingUrl);
  return { id, trackId: lastPart(trackingUrl), paidId, refundTrackId, transactionId: data[0].id };
}

const idempotencyKey = "0b9e0f2e-5a0f-4c3e-9a52-7a3b1f0f1c11";

type Route = readonly [
  name: string,
  call: (sandbox: Sandbox, of: Known) => Promise<{ status: number }>,
  status: number,
];

const routes: readonly Route[] = [
  ["POST /v1/payments", (sandbox) => post(sandbox, "/v1/payments", paymentRequest()), 201],
  [
    "POST /v1/payments with an idempotency key",
    (sandbox) => post(sandbox, `/v1/payments?idempotencyKey=${idempotencyKey}`, paymentRequest()),
    201,
  ],
  [
    "POST /v1/payments with a scenario",
    (sandbox) => post(sandbox, "/v1/payments", paymentRequest(), { "X-Sandbox-Scenario": "paid" }),
    201,
  ],
  ["POST /v1/payments that is not valid", (sandbox) => post(sandbox, "/v1/payments", {}), 400],
  ["GET /v1/payments", (sandbox) => get(sandbox, "/v1/payments"), 200],
  ["GET /v1/payments/{paymentId}", (sandbox, { id }) => get(sandbox, `/v1/payments/${id}`), 200],
  ["GET /v1/payments/{paymentId} without a payment", (sandbox) => get(sandbox, "/v1/payments/none"), 404],
  ["GET /v1/tracks/payments/{trackId}", (sandbox, { trackId }) => get(sandbox, `/v1/tracks/payments/${trackId}`), 200],
  [
    "POST /v1/payments/{paymentId}/refunds",
    (sandbox, { paidId }) => post(sandbox, `/v1/payments/${paidId}/refunds`, { merchantReference: "return-2" }),
    201,
  ],
  [
    "GET /v1/tracks/refunds/{trackId}",
    (sandbox, { refundTrackId }) => get(sandbox, `/v1/tracks/refunds/${refundTrackId}`),
    200,
  ],
  [
    "GET /v1/requests/payments",
    (sandbox) => get(sandbox, `/v1/requests/payments?idempotencyKey=${idempotencyKey}`),
    404,
  ],
  ["GET /v1/transactions", (sandbox) => get(sandbox, "/v1/transactions"), 200],
  [
    "GET /v1/transactions/{transactionId}",
    (sandbox, { transactionId }) => get(sandbox, `/v1/transactions/${transactionId}`),
    200,
  ],
  ["an unknown path", (sandbox) => get(sandbox, "/v1/nothing"), 404],
];

describe("units of work", () => {
  test.each(routes)("%s takes one", async (_name, call, status) => {
    await using sandbox = await frozenSandbox();
    const of = await known(sandbox);
    const units = vi.spyOn(MemoryStore.prototype, "atomically");
    const answer = await call(sandbox, of);
    expect([answer.status, units.mock.calls.length]).toEqual([status, 1]);
    await sandbox.settle();
  });

  test("a payment that expires later than another one begins no pass of the scheduler", async () => {
    await using sandbox = await frozenSandbox({ clock: "running" });
    await createPayment(sandbox);
    await sandbox.settle();
    const units = vi.spyOn(MemoryStore.prototype, "atomically");
    await createPayment(sandbox);
    await setImmediate();
    expect(units).toHaveBeenCalledOnce();
  });

  test("a payment that is paid at once begins one, so that its webhook goes out", async () => {
    const notified = gate();
    const webhook = () => {
      notified.open();
      return new Response();
    };
    await using sandbox = await frozenSandbox({ clock: "running", webhook, settings: { outcomeDelayMs: 0 } });
    await createPayment(sandbox);
    await sandbox.settle();
    await post(sandbox, "/v1/payments", paymentRequest(), { "X-Sandbox-Scenario": "paid" });
    await notified.opened;
  });
});

/** Sends a request on a connection. @returns its response. */
async function ask(socket: Socket, head: string, body = ""): Promise<string> {
  socket.write(`${head} HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
  let text = "";
  while (!/\r\n\r\n.*\}$/s.test(text)) text += String((await once(socket, "data"))[0]);
  return text;
}

describe("a request over a socket makes no objects of the web platform and no timers", () => {
  /** Classes whose objects cost more than the work of a request. */
  const expensive = ["AbortController", "ReadableStream", "Request", "Response", "URL"] as const;
  let made: string[];

  beforeEach(() => {
    made = [];
  });

  /** Counts objects until the end of the test. */
  function count(): void {
    for (const name of expensive) {
      const counted = new Proxy(globalThis[name], {
        construct: (target, args, newTarget) => {
          made.push(name);
          return Reflect.construct(target, args, newTarget);
        },
      });
      vi.stubGlobal(name, counted);
    }
    // Node's own timers of a connection do not count.
    const isOwn = () => new Error().stack?.includes("/src/") === true;
    const hook = createHook({ init: (_id, type) => void (type === "Timeout" && isOwn() && made.push(type)) }).enable();
    onTestFinished(() => {
      hook.disable();
      vi.unstubAllGlobals();
    });
  }

  test.each([
    ["POST /v1/payments", 201],
    ["GET /v1/payments/{id}", 200],
    ["GET /v1/payments", 200],
    ["GET /v1/nothing", 404],
  ])("%s", async (route, status) => {
    await using sandbox = await frozenSandbox();
    const { hostname, port } = new URL(await sandbox.listen());
    const { id } = await createPayment(sandbox);
    await sandbox.settle();
    const socket = connect({ host: hostname, port: Number(port) });
    onTestFinished(() => void socket.destroy());
    const head = route.replace("{id}", id);
    const body = route.startsWith("POST") ? JSON.stringify(paymentRequest()) : "";
    // The first request of a connection, and the first of a route, may prepare what later ones share.
    await ask(socket, head, body);
    count();
    expect(await ask(socket, head, body)).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(made).toEqual([]);
  });
});

describe("the records of a payment", () => {
  test("a pending payment is one payment, one task and one event, of limited size", async () => {
    await using sandbox = await frozenSandbox();
    await createPayment(sandbox);
    const sizes = await sizesOfRecords(sandbox);
    expect(Object.keys(sizes)).toEqual(["payment", "event", "task"]);
    expect(total(sizes)).toBeLessThan(1_100);
  });

  test("one that is paid and notified has two entries more at most, and one notification", async () => {
    await using sandbox = await frozenSandbox({ webhook: () => new Response() });
    await createPaidPayment(sandbox);
    await sandbox.settle();
    const sizes = await sizesOfRecords(sandbox);
    expect(Object.keys(sizes).sort()).toEqual(["entry", "event", "notification", "payment"]);
    expect(total(sizes)).toBeLessThan(3_600);
  });

  /** Bytes of JSON by kind, without kinds that have no records. */
  async function sizesOfRecords(sandbox: Sandbox): Promise<Record<string, number>> {
    const { records } = (await get(sandbox, "/_sandbox/snapshot")).body as { records: Record<string, object[]> };
    const kinds = Object.entries(records).filter(([, list]) => list.length > 0);
    return Object.fromEntries(kinds.map(([kind, list]) => [kind, Buffer.byteLength(JSON.stringify(list))]));
  }

  const total = (sizes: Record<string, number>) => Object.values(sizes).reduce((sum, size) => sum + size, 0);
});
