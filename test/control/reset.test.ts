import { expect, test } from "vitest";
import { createPaidPayment, createPayment, frozenSandbox, get, paymentRequest, post } from "../support/merchant.ts";
import { gate } from "../support/receiver.ts";

const account = "0ujtsYcgvSTl8PAuAdqWYSMnLOv";

test("a reset world is empty and has its initial clock", async () => {
  await using sandbox = await frozenSandbox();
  const { trackingUrl, nextStep } = await createPayment(sandbox);
  await sandbox.clock.advance("PT10M");
  const answer = await post(sandbox, "/_sandbox/reset", {});
  expect(answer.body).toEqual({ mode: "frozen", now: "2026-01-05T09:00:00.000Z" });
  expect((await get(sandbox, trackingUrl)).status).toBe(404);
  expect((await get(sandbox, nextStep.redirect.url)).status).toBe(404);
  expect((await sandbox.clock.advance("P1D")).ran).toBe(0);
});

test("a reset of one world does not change other worlds", async () => {
  await using sandbox = await frozenSandbox();
  const here = await createPayment(sandbox);
  const there = await createPayment(sandbox, { account });
  await post(sandbox, "/_sandbox/reset", { processingAccountId: account });
  expect((await get(sandbox, here.trackingUrl)).status).toBe(200);
  expect((await get(sandbox, there.trackingUrl)).status).toBe(404);
});

test("a reset of everything keeps only an empty demo world", async () => {
  await using sandbox = await frozenSandbox();
  const here = await createPayment(sandbox);
  await createPayment(sandbox, { account });
  expect((await post(sandbox, "/_sandbox/reset", { all: true })).status).toBe(200);
  expect((await get(sandbox, here.trackingUrl)).status).toBe(404);
  expect((await get(sandbox, `/_sandbox/clock?processingAccountId=${account}`)).status).toBe(404);
  expect((await post(sandbox, "/v1/payments", paymentRequest())).status).toBe(201);
});

test("a reset keeps the keys", async () => {
  await using sandbox = await frozenSandbox();
  const before = sandbox.credentials;
  await sandbox.reset();
  expect(sandbox.credentials).toEqual(before);
  expect((await get(sandbox, "/_sandbox/credentials")).body).toEqual(before);
});

test("a reset ends a clock change with an error", async () => {
  const arrived = gate();
  await using sandbox = await frozenSandbox({
    webhook: () => {
      arrived.open();
      return new Promise<Response>(() => undefined);
    },
  });
  await createPayment(sandbox);
  const refused = expect(sandbox.clock.advance("PT1H")).rejects.toMatchObject({ code: "clock_busy" });
  await arrived.opened;
  await sandbox.reset();
  await refused;
  expect(await sandbox.clock.now()).toBe("2026-01-05T09:00:00.000Z");
});

test("a delivery that has not started before a reset is never sent", async () => {
  const sent: boolean[] = [];
  await using sandbox = await frozenSandbox({
    webhook: (request) => {
      sent.push(request.signal.aborted);
      return new Promise<Response>(() => undefined);
    },
  });
  for (let count = 0; count < 20; count += 1) {
    await createPaidPayment(sandbox);
    await sandbox.reset();
    await sandbox.settle();
  }
  expect(sent).not.toContain(true);
});

test("a clock change never writes after a reset at any moment, and the next one is allowed", async () => {
  await using sandbox = await frozenSandbox();
  for (let turns = 0; turns < 40; turns += 1) {
    await createPayment(sandbox);
    const move = turns % 2 === 0 ? sandbox.clock.advance("PT30M") : sandbox.clock.freeze("2026-01-05T09:30:00Z");
    move.catch(() => undefined);
    for (let turn = 0; turn < turns; turn += 1) await Promise.resolve();
    const reset = sandbox.reset();
    await Promise.allSettled([move, reset]);
    expect(await sandbox.clock.now()).toBe("2026-01-05T09:00:00.000Z");
    expect((await sandbox.clock.advance("PT1M")).now).toBe("2026-01-05T09:01:00.000Z");
    await sandbox.reset();
  }
});

test.each([
  [{ all: false }, "all"],
  [{ all: true, processingAccountId: account }, ""],
  [{ everything: true }, "everything"],
])("%j is refused and resets nothing", async (body, path) => {
  await using sandbox = await frozenSandbox();
  const { trackingUrl } = await createPayment(sandbox);
  const answer = await post(sandbox, "/_sandbox/reset", body);
  expect(answer.status).toBe(400);
  expect(answer.body.errors[0].path).toBe(path);
  expect((await get(sandbox, trackingUrl)).status).toBe(200);
});
