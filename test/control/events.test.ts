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

/** Reads until there is a hint of that resource. */
async function nextOf(stream: ReturnType<typeof readEvents>, resource: string) {
  for (;;) {
    const told = await stream.next();
    if (told === undefined || told.data.resource === resource) return told?.data;
  }
}

describe("over a socket", () => {
  test("a stream starts with hello, and then tells what has changed once it can be read", async () => {
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

  test("the end of the sandbox ends it at once", async () => {
    const sandbox = await frozenSandbox({ limits: { closeTimeoutMs: 10_000_000 } });
    const stream = readEvents(await fetch(`${await sandbox.listen()}/_sandbox/events`));
    await stream.next();
    await sandbox.close();
    expect(await stream.next()).toBeUndefined();
  });

  test("a world that is not there is not found, before any stream", async () => {
    await using sandbox = await frozenSandbox();
    const url = await sandbox.listen();
    const response = await fetch(`${url}/_sandbox/events?processingAccountId=${account}`);
    expect([response.status, response.headers.get("content-type")]).toEqual([404, "application/json"]);
    expect((await answerOf(response)).body.reason.code).toBe("not_found");
    expect((await fetch(`${url}/_sandbox/events?colour=teal`)).status).toBe(400);
  });
});

test("every kind of thing that changes is told, with the id that it is read by", async () => {
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
  for (let told = await nextOf(stream, "request"); told?.id !== requestId; ) told = await nextOf(stream, "request");
  await sandbox.clock.advance("PT1S");
  expect(await nextOf(stream, "world")).toMatchObject({ id: demo });
  await post(sandbox, "/_sandbox/scenarios/next", { scenario: "declined" });
  expect(await nextOf(stream, "scenario")).toMatchObject({ id: demo });
});

test("versions grow, and a hello is no older than what was told before", async () => {
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

test("a world hears nothing of another", async () => {
  await using sandbox = await frozenSandbox();
  await createPayment(sandbox, { account });
  const stream = await listening(sandbox, account);
  await createPaidPayment(sandbox);
  await sandbox.settle();
  const { id } = await createPayment(sandbox, { account });
  expect((await stream.next())?.data).toMatchObject({ resource: "payment", id });
  expect(await nextOf(stream, "request")).toMatchObject({ id: "2" });
});

test("what was not read yet is told once for each thing", async () => {
  const held = gate();
  await using sandbox = await frozenSandbox({ webhook: () => held.opened.then(() => new Response()) });
  const { id } = await createPayment(sandbox);
  const stream = await listening(sandbox);
  for (let count = 1; count <= 30; count += 1) await sandbox.clock.advance("PT1S");
  await sandbox.payments.act(id, "pay");
  const worlds: number[] = [];
  for (let told = (await stream.next())?.data; told?.resource !== "payment"; told = (await stream.next())?.data) {
    if (told?.resource === "world") worlds.push(told.version);
  }
  // Those that were on their way already, and one for all others.
  expect(worlds.length).toBeLessThan(10);
  expect(worlds.length).toBeGreaterThan(0);
  held.open();
});

test("who is too far behind is told to read everything again", async () => {
  await using sandbox = await frozenSandbox();
  const stream = await listening(sandbox);
  const refused = JSON.stringify(paymentRequest({ amount: 0 }));
  for (let count = 0; count < 1100; count += 1) await sandbox.fetch("/v1/payments", { method: "POST", body: refused });
  let told = await stream.next();
  let hints = 0;
  for (; told?.event === "change"; told = await stream.next()) hints += 1;
  expect(told?.event).toBe("hello");
  expect(hints).toBeLessThan(100);
  const { id } = await createPayment(sandbox);
  expect(await nextOf(stream, "payment")).toMatchObject({ id });
});

describe("a stream ends with its world", () => {
  test("when that is removed, alone or with everything", async () => {
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

  test("and not when that is put back to the start, which it tells", async () => {
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
