import { describe, expect, test } from "vitest";
import { listening, readEvents } from "../support/hints.ts";
import {
  answerOf,
  createPaidPayment,
  createPayment,
  frozenSandbox,
  get,
  paymentRequest,
  post,
} from "../support/merchant.ts";
import { gate } from "../support/receiver.ts";

const demo = "2HdN2jq6XWmlkhqRC2gDTNYCvNH";
const account = "0ujtsYcgvSTl8PAuAdqWYSMnLOv";

/** Returns the next hint for that resource. */
async function nextOf(stream: ReturnType<typeof readEvents>, resource: string) {
  for (;;) {
    const message = await stream.next();
    if (message === undefined || message.data.resource === resource) return message?.data;
  }
}

describe("over a socket", () => {
  test("a stream starts with hello, and sends a hint after the change can be read", async () => {
    await using sandbox = await frozenSandbox();
    const url = await sandbox.listen();
    const { id } = await createPayment(sandbox);
    const response = await fetch(`${url}/_sandbox/events`);
    expect([response.status, response.headers.get("content-type")]).toEqual([200, "text/event-stream"]);
    const stream = readEvents(response);
    expect(await stream.next()).toEqual({ event: "hello", data: { version: expect.any(Number) } });

    await sandbox.payments.act(id, "pay");
    const hint = await nextOf(stream, "payment");
    expect(hint).toEqual({ resource: "payment", id, version: expect.any(Number) });
    expect((await get(sandbox, `/_sandbox/payments/${id}`)).body.status).toBe("captured");
    await stream.leave();
  });

  test("closing the sandbox ends a stream immediately", async () => {
    const sandbox = await frozenSandbox({ limits: { closeTimeoutMs: 10_000_000 } });
    const stream = readEvents(await fetch(`${await sandbox.listen()}/_sandbox/events`));
    await stream.next();
    await sandbox.close();
    expect(await stream.next()).toBeUndefined();
  });

  test("an unknown world is not found, and no stream starts", async () => {
    await using sandbox = await frozenSandbox();
    const url = await sandbox.listen();
    const response = await fetch(`${url}/_sandbox/events?processingAccountId=${account}`);
    expect([response.status, response.headers.get("content-type")]).toEqual([404, "application/json"]);
    expect((await answerOf(response)).body.reason.code).toBe("not_found");
    expect((await fetch(`${url}/_sandbox/events?colour=teal`)).status).toBe(400);
  });
});

test("each kind of resource has hints with its id", async () => {
  await using sandbox = await frozenSandbox({ webhook: () => new Response() });
  const stream = await listening(sandbox);
  const { id } = await createPaidPayment(sandbox);
  expect(await nextOf(stream, "payment")).toMatchObject({ id });
  await sandbox.settle();
  const [{ id: notificationId }] = (await get(sandbox, "/_sandbox/notifications")).body.data;
  expect(await nextOf(stream, "notification")).toMatchObject({ id: notificationId });
  const refund = await post(sandbox, `/v1/payments/${id}/refunds`, { merchantReference: "r" });
  expect(await nextOf(stream, "refund")).toMatchObject({ id: refund.body.id });
  const [{ id: requestId }] = (await get(sandbox, "/_sandbox/requests")).body.data;
  for (let message = await nextOf(stream, "request"); message?.id !== requestId; )
    message = await nextOf(stream, "request");
  await sandbox.clock.advance("PT1S");
  expect(await nextOf(stream, "world")).toMatchObject({ id: demo });
  await post(sandbox, "/_sandbox/scenarios/next", { scenario: "declined" });
  expect(await nextOf(stream, "scenario")).toMatchObject({ id: demo });
});

test("versions increase, and hello has no older version than earlier hints", async () => {
  await using sandbox = await frozenSandbox();
  const stream = await listening(sandbox);
  const versions: number[] = [];
  for (let count = 0; count < 5; count += 1) {
    await createPayment(sandbox);
    versions.push((await nextOf(stream, "payment"))?.version ?? 0);
  }
  const later = readEvents(await sandbox.fetch("/_sandbox/events"));
  versions.push((await later.next())?.data.version ?? 0);
  expect(versions).toEqual(versions.toSorted((a, b) => a - b));
  expect(new Set(versions.slice(0, 5)).size).toBe(5);
});

test("a stream has no hints for another world", async () => {
  await using sandbox = await frozenSandbox();
  await createPayment(sandbox, { account });
  const stream = await listening(sandbox, account);
  await createPaidPayment(sandbox);
  await sandbox.settle();
  const { id } = await createPayment(sandbox, { account });
  expect((await stream.next())?.data).toMatchObject({ resource: "payment", id });
  expect(await nextOf(stream, "request")).toMatchObject({ id: "2" });
});

test("unread hints for one resource are merged", async () => {
  const held = gate();
  await using sandbox = await frozenSandbox({ webhook: () => held.opened.then(() => new Response()) });
  const { id } = await createPayment(sandbox);
  const stream = await listening(sandbox);
  for (let count = 1; count <= 30; count += 1) await sandbox.clock.advance("PT1S");
  await sandbox.payments.act(id, "pay");
  const worlds: number[] = [];
  for (
    let message = (await stream.next())?.data;
    message?.resource !== "payment";
    message = (await stream.next())?.data
  ) {
    if (message?.resource === "world") worlds.push(message.version);
  }
  // The hints that were sent already, and one for all later changes.
  expect(worlds.length).toBeLessThan(10);
  expect(worlds.length).toBeGreaterThan(0);
  held.open();
});

test("a slow reader gets hello instead of the missed hints", async () => {
  await using sandbox = await frozenSandbox();
  const stream = await listening(sandbox);
  const refused = JSON.stringify(paymentRequest({ amount: 0 }));
  for (let count = 0; count < 1100; count += 1) await sandbox.fetch("/v1/payments", { method: "POST", body: refused });
  let message = await stream.next();
  let hints = 0;
  for (; message?.event === "change"; message = await stream.next()) hints += 1;
  expect(message?.event).toBe("hello");
  expect(hints).toBeLessThan(100);
  const { id } = await createPayment(sandbox);
  expect(await nextOf(stream, "payment")).toMatchObject({ id });
});

describe("a stream ends with its world", () => {
  test("when the world is removed, alone or by a reset of everything", async () => {
    await using sandbox = await frozenSandbox();
    for (const remove of [
      () => sandbox.fetch(`/_sandbox/worlds/${account}`, { method: "DELETE" }),
      () => post(sandbox, "/_sandbox/reset", { all: true }),
    ]) {
      await createPayment(sandbox, { account });
      const [stream, own] = [await listening(sandbox, account), await listening(sandbox)];
      await remove();
      while ((await stream.next()) !== undefined);
      await createPayment(sandbox);
      expect((await nextOf(own, "payment"))?.resource).toBe("payment");
    }
  });

  test("but not when the world is reset, which sends hints", async () => {
    await using sandbox = await frozenSandbox();
    const { id } = await createPayment(sandbox);
    const stream = await listening(sandbox);
    await sandbox.reset();
    expect(await nextOf(stream, "payment")).toMatchObject({ id });
    expect(await nextOf(stream, "world")).toMatchObject({ id: demo });
    const next = await createPayment(sandbox);
    expect(await nextOf(stream, "payment")).toMatchObject({ id: next.id });
  });
});
