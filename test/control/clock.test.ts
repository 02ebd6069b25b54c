import { describe, expect, test } from "vitest";
import { createSandbox } from "../../src/index.ts";
import { createPaidPayment, createPayment, frozenSandbox, get, paymentRequest, post } from "../support/merchant.ts";
import { gate, heldWebhook } from "../support/receiver.ts";

const nine = "2026-01-05T09:00:00.000Z";

test("a frozen clock changes only when it is advanced", async () => {
  await using sandbox = await frozenSandbox();
  expect(await sandbox.clock.now()).toBe(nine);
  expect((await get(sandbox, "/_sandbox/clock")).body).toEqual({ mode: "frozen", now: nine });
  expect(await sandbox.clock.advance("P1DT1H1M1.5S")).toEqual({ now: "2026-01-06T10:01:01.500Z", ran: 0 });
  expect(await sandbox.clock.advance({ to: "2026-01-07T00:00:00+08:00" })).toEqual({
    now: "2026-01-06T16:00:00.000Z",
    ran: 0,
  });
});

test("a running clock follows real time, and an advance adds an offset", async () => {
  await using sandbox = await createSandbox();
  const before = Date.now();
  const { body } = await get(sandbox, "/_sandbox/clock");
  expect(body.mode).toBe("running");
  expect(Date.parse(body.now)).toBeGreaterThanOrEqual(before);
  expect(Date.parse(body.now)).toBeLessThanOrEqual(Date.now());
  await sandbox.clock.advance("P1D");
  expect(Date.parse(await sandbox.clock.now())).toBeGreaterThanOrEqual(before + 86_400_000);
});

test("freezing and running keep the time of the clock", async () => {
  await using sandbox = await frozenSandbox();
  expect((await sandbox.clock.freeze("2030-01-01T00:00:00Z")).now).toBe("2030-01-01T00:00:00.000Z");
  const { now } = await sandbox.clock.run();
  expect(now).toBe("2030-01-01T00:00:00.000Z");
  const running = await get(sandbox, "/_sandbox/clock");
  expect([running.body.mode, running.body.now >= now]).toEqual(["running", true]);
  const frozen = await sandbox.clock.freeze();
  expect(await sandbox.clock.now()).toBe(frozen.now);
});

test("freezing at a later instant runs the tasks that become due before it", async () => {
  await using sandbox = await frozenSandbox();
  const { trackingUrl } = await createPayment(sandbox);
  expect(await sandbox.clock.freeze("2026-01-06T00:00:00Z")).toEqual({ now: "2026-01-06T00:00:00.000Z", ran: 1 });
  expect((await get(sandbox, trackingUrl)).body.status).toBe("aborted");
});

test("a pending payment on a running clock expires", async () => {
  const expired = gate();
  await using sandbox = await createSandbox({
    settings: { expiryMs: 20 },
    webhook: () => {
      expired.open();
      return new Response();
    },
  });
  const { trackingUrl } = await createPayment(sandbox);
  await expired.opened;
  expect((await get(sandbox, trackingUrl)).body).toMatchObject({ status: "aborted", reason: { code: "expired" } });
});

test("an advance runs due tasks in order, each at its own time, and counts them", async () => {
  await using sandbox = await frozenSandbox();
  const first = await createPayment(sandbox);
  await sandbox.clock.advance("PT10M");
  const second = await createPayment(sandbox);
  expect((await sandbox.clock.advance("PT1H")).ran).toBe(2);
  const times = await Promise.all(
    [first, second].map(async ({ id }) => (await get(sandbox, `/v1/payments/${id}`)).body.updateTime),
  );
  expect(times).toEqual(["2026-01-05T09:30:00.000Z", "2026-01-05T09:40:00.000Z"]);
});

describe("refused clock changes", () => {
  test.each([
    ["/_sandbox/clock/advance", {}, ""],
    ["/_sandbox/clock/advance", { by: "PT1H", to: "2027-01-01T00:00:00Z" }, ""],
    ["/_sandbox/clock/advance", { by: "P1M" }, "by"],
    ["/_sandbox/clock/advance", { by: "P1Y" }, "by"],
    ["/_sandbox/clock/advance", { by: "-PT1H" }, "by"],
    ["/_sandbox/clock/advance", { by: 3600 }, "by"],
    ["/_sandbox/clock/advance", { by: "P1000000W" }, "by"],
    ["/_sandbox/clock/advance", { to: "tomorrow" }, "to"],
    ["/_sandbox/clock/advance", { to: "2026-01-05" }, "to"],
    ["/_sandbox/clock/advance", { to: "2026-01-05T08:59:59.999Z" }, "to"],
    ["/_sandbox/clock/advance", { to: "2151-01-01T00:00:00Z" }, "to"],
    ["/_sandbox/clock/advance", { to: "2014-01-01T00:00:00Z" }, "to"],
    ["/_sandbox/clock/advance", { by: "PT1H", colour: "teal" }, "colour"],
    ["/_sandbox/clock", { mode: "stopped" }, "mode"],
    ["/_sandbox/clock", {}, "mode"],
    ["/_sandbox/clock", { mode: "running", at: nine }, "at"],
    ["/_sandbox/clock", { mode: "frozen", at: "2026-01-05T08:00:00Z" }, "at"],
    ["/_sandbox/clock", { mode: "frozen", at: "now" }, "at"],
  ])("%s %j", async (target, body, path) => {
    await using sandbox = await frozenSandbox();
    const answer = await post(sandbox, target, body);
    expect(answer.status).toBe(400);
    expect(answer.body.reason.code).toBe("invalid_request");
    expect(answer.body.errors).toEqual([{ path, code: "invalid_request", description: expect.any(String) }]);
    expect(await sandbox.clock.now()).toBe(nine);
  });

  test("a running world that is frozen in the past names the route of a new world", async () => {
    await using sandbox = await createSandbox();
    const at = "2026-01-05T08:00:00Z";
    const { body } = await post(sandbox, "/_sandbox/clock", { mode: "frozen", at });
    expect(body.errors[0].description).toMatch(/open a world with that clock by POST \/_sandbox\/worlds\.$/);
    const { status, body: opened } = await post(sandbox, "/_sandbox/worlds", { clock: at });
    const query = `?processingAccountId=${opened.processingAccountId}`;
    expect([status, (await get(sandbox, `/_sandbox/clock${query}`)).body]).toEqual([
      201,
      { mode: "frozen", now: "2026-01-05T08:00:00.000Z" },
    ]);
  });

  test("the handle refuses them with the same code and message", async () => {
    await using sandbox = await frozenSandbox();
    await expect(sandbox.clock.advance("P1M")).rejects.toMatchObject({ name: "SandboxError", code: "invalid_request" });
    await expect(sandbox.clock.advance("P1M")).rejects.toThrow("ISO 8601 duration");
    await expect(sandbox.clock.freeze("2026-01-05T08:00:00Z")).rejects.toMatchObject({ code: "invalid_request" });
  });

  test("a second concurrent clock change is a conflict", async () => {
    const { webhook, arrived, letGo } = heldWebhook();
    await using sandbox = await frozenSandbox({
      webhook,
    });
    await createPayment(sandbox);
    const move = sandbox.clock.advance("PT1H");
    await arrived;
    const second = await post(sandbox, "/_sandbox/clock/advance", { by: "PT1S" });
    expect([second.status, second.body.reason.code]).toEqual([409, "clock_busy"]);
    expect((await post(sandbox, "/_sandbox/clock", { mode: "running" })).status).toBe(409);
    letGo();
    expect((await move).now).toBe("2026-01-05T10:00:00.000Z");
    expect((await post(sandbox, "/_sandbox/clock/advance", { by: "PT1S" })).status).toBe(200);
  });

  test("the task limit stops an advance with its progress, and the next call continues", async () => {
    await using sandbox = await frozenSandbox({ limits: { advanceTasksMax: 2 } });
    for (let count = 0; count < 3; count += 1) {
      await createPayment(sandbox);
      await sandbox.clock.advance("PT1M");
    }
    const stopped = await post(sandbox, "/_sandbox/clock/advance", { by: "PT1H" });
    expect(stopped.status).toBe(409);
    expect(stopped.body).toEqual({
      reason: { code: "advance_limit", description: expect.any(String) },
      now: "2026-01-05T09:31:00.000Z",
      ran: 2,
      nextDue: "2026-01-05T09:32:00.000Z",
    });
    expect((await post(sandbox, "/_sandbox/clock/advance", { by: "PT1H" })).body.ran).toBe(1);
  });
});

test("the task limit includes tasks that are due at the same instant", async () => {
  await using sandbox = await frozenSandbox({ limits: { advanceTasksMax: 3 } });
  for (let count = 0; count < 6; count += 1) await createPayment(sandbox);
  const stopped = await post(sandbox, "/_sandbox/clock/advance", { by: "PT30M" });
  expect([stopped.status, stopped.body.reason.code, stopped.body.ran]).toEqual([409, "advance_limit", 3]);
  await sandbox.settle();
  expect((await get(sandbox, "/v1/payments?status=aborted")).body.data).toHaveLength(6);
});

test("the duration limit includes the wait for an answer, and the next call continues", async () => {
  const { webhook, arrived, letGo } = heldWebhook();
  await using sandbox = await frozenSandbox({ webhook, limits: { advanceDurationMaxMs: 250 } });
  await createPaidPayment(sandbox);
  await arrived;
  const stopped = await post(sandbox, "/_sandbox/clock/advance", { by: "PT1H" });
  expect([stopped.status, stopped.body.reason.code, stopped.body.now]).toEqual([
    409,
    "advance_limit",
    "2026-01-05T09:00:00.000Z",
  ]);
  letGo();
  await sandbox.settle();
  expect((await sandbox.clock.advance("PT1H")).now).toBe("2026-01-05T10:00:00.000Z");
});

test("tasks that are created during an advance run at their own time", async () => {
  for (let turns = 0; turns < 30; turns += 1) {
    await using sandbox = await frozenSandbox({ webhook: async () => new Response(null, { status: 204 }) });
    await createPayment(sandbox);
    const move = sandbox.clock.advance("PT1H");
    for (let turn = 0; turn < turns; turn += 1) await Promise.resolve();
    const { id } = await createPayment(sandbox, { amount: 8888.9 });
    await move;
    await sandbox.clock.advance("PT1H");
    const [notification] = (await get(sandbox, `/_sandbox/notifications?paymentId=${id}`)).body.data;
    expect([turns, notification.attempts[0].startedAt]).toEqual([turns, notification.createTime]);
  }
});

test("a running clock is frozen at the later instant after a slow delivery", async () => {
  const { webhook, arrived, letGo } = heldWebhook();
  await using sandbox = await createSandbox({
    webhook,
  });
  await createPayment(sandbox);
  const at = new Date(Date.parse(await sandbox.clock.now()) + 3_600_000).toISOString();
  const frozen = sandbox.clock.freeze(at);
  await arrived;
  letGo();
  expect((await frozen).now).toBe(at);
  expect(await sandbox.clock.now()).toBe(at);
});

test("a clock stops at the last instant of an id", async () => {
  await using sandbox = await frozenSandbox({ clock: "2150-06-19T23:21:35Z" });
  await sandbox.clock.run();
  expect((await createPayment(sandbox)).id).toMatch(/^aWgEP/);
  expect(await sandbox.clock.now()).toBe("2150-06-19T23:21:35.000Z");
});

test("closing the sandbox ends an advance", async () => {
  const arrived = gate();
  const sandbox = await frozenSandbox({
    limits: { closeTimeoutMs: 50 },
    webhook: () => {
      arrived.open();
      return new Promise<Response>(() => undefined);
    },
  });
  await createPayment(sandbox);
  await sandbox.clock.advance("PT1M");
  await createPayment(sandbox);
  const refused = expect(sandbox.clock.advance("PT1H")).rejects.toMatchObject({ code: "clock_busy" });
  await arrived.opened;
  await sandbox.close();
  await refused;
});

describe("each world has its own clock", () => {
  const account = "0ujtsYcgvSTl8PAuAdqWYSMnLOv";

  test("an advance changes the clock of one world only", async () => {
    await using sandbox = await frozenSandbox();
    const here = await createPayment(sandbox);
    const there = await createPayment(sandbox, { account });
    const moved = await post(sandbox, "/_sandbox/clock/advance", { processingAccountId: account, by: "PT1H" });
    expect(moved.body).toEqual({ now: "2026-01-05T10:00:00.000Z", ran: 1 });
    expect(await sandbox.clock.now()).toBe(nine);
    expect((await get(sandbox, here.trackingUrl)).body.status).toBe("pending");
    expect((await get(sandbox, there.trackingUrl)).body.status).toBe("aborted");
  });

  test.each([
    ["POST", "/_sandbox/clock", { mode: "running" }],
    ["POST", "/_sandbox/clock/advance", { by: "PT1S" }],
    ["POST", "/_sandbox/settle", {}],
    ["POST", "/_sandbox/reset", {}],
    ["GET", `/_sandbox/clock?processingAccountId=${account}`, undefined],
  ])("%s %s does not find an unknown world and does not create it", async (method, target, body) => {
    await using sandbox = await frozenSandbox();
    const answer =
      method === "GET"
        ? await get(sandbox, target)
        : await post(sandbox, target, { processingAccountId: account, ...body });
    expect([answer.status, answer.body.reason.code]).toEqual([404, "not_found"]);
    expect((await get(sandbox, `/_sandbox/clock?processingAccountId=${account}`)).status).toBe(404);
  });
});

test("settle does not change the clock", async () => {
  await using sandbox = await frozenSandbox();
  await post(sandbox, "/v1/payments", paymentRequest());
  const { status, body } = await post(sandbox, "/_sandbox/settle", "");
  expect([status, body]).toEqual([200, { mode: "frozen", now: nine }]);
});
