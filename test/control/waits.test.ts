import { spawn } from "node:child_process";
import { once } from "node:events";
import { describe, expect, test } from "vitest";
import { createSandbox, type Sandbox } from "../../src/index.ts";
import { type Answer, createPaidPayment, createPayment, frozenSandbox, get, post } from "../support/merchant.ts";
import { heldWebhook } from "../support/receiver.ts";

const account = "0ujtsYcgvSTl8PAuAdqWYSMnLOv";
const other = "1srOrx2ZWZBpBUvZwXKQmoEYga2";
const long = "timeoutMs=60000";

const waitFor = (sandbox: Sandbox, id: string, query: string) => get(sandbox, `/_sandbox/payments/${id}/wait?${query}`);
const waitForNotification = (sandbox: Sandbox, query: string) => get(sandbox, `/_sandbox/notifications/wait?${query}`);
const refund = (sandbox: Sandbox, id: string, value?: number) =>
  post(sandbox, `/v1/payments/${id}/refunds`, {
    merchantReference: "refund-1",
    ...(value === undefined ? {} : { amount: { value, currency: "hkd" } }),
  });

/** Starts waits and returns after their first probe: later waits with the same steps have ended. */
async function started(ask: (time: string) => Promise<Answer>[]): Promise<Promise<Answer>[]> {
  const waits = ask(long);
  for (let count = 0; count < 3; count += 1) await Promise.all(ask("timeoutMs=0"));
  return waits;
}

describe("waiting for a payment", () => {
  test("answers immediately with the full view if the payment has the status", async () => {
    await using sandbox = await frozenSandbox();
    const { id } = await createPaidPayment(sandbox);
    const answer = await waitFor(sandbox, id, "status=captured&timeoutMs=0");
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual((await get(sandbox, `/_sandbox/payments/${id}`)).body);
    expect(answer.body).toMatchObject({ status: "captured", amounts: { captured: 200 }, refunds: [] });
  });

  test("answers after a change at any moment", async () => {
    await using sandbox = await frozenSandbox();
    for (let turns = 0; turns < 40; turns += 1) {
      const { id } = await createPayment(sandbox);
      const waiting = waitFor(sandbox, id, `status=captured&${long}`);
      for (let count = 0; count < turns; count += 1) await Promise.resolve();
      await sandbox.payments.act(id, "pay");
      expect((await waiting).body).toMatchObject({ id, status: "captured" });
    }
  });

  test("does not block other requests, and fifty waits are answered", async () => {
    await using sandbox = await frozenSandbox();
    const { id } = await createPayment(sandbox);
    const waiting = Array.from({ length: 50 }, () => waitFor(sandbox, id, `status=refunded&${long}`));
    await sandbox.payments.act(id, "pay");
    await refund(sandbox, id);
    await sandbox.clock.advance("PT2S");
    const answers = await Promise.all(waiting);
    expect(new Set(answers.map(({ status, body }) => `${status} ${body.status}`))).toEqual(new Set(["200 refunded"]));
  });

  test("notices changes that the clock causes", async () => {
    await using running = await createSandbox({ settings: { expiryMs: 20 } });
    const expiring = await createPayment(running);
    expect((await waitFor(running, expiring.id, `status=aborted&${long}`)).body.reason.code).toBe("expired");

    await using frozen = await frozenSandbox();
    const { id } = await createPayment(frozen);
    const waiting = waitFor(frozen, id, `status=aborted&${long}`);
    await frozen.clock.advance("PT30M");
    expect((await waiting).status).toBe(200);
  });

  test.each(["timeoutMs=0", "timeoutMs=20"])("a timeout (%s) is a conflict", async (timeout) => {
    await using sandbox = await frozenSandbox();
    const { id } = await createPayment(sandbox);
    const answer = await waitFor(sandbox, id, `status=captured&${timeout}`);
    expect([answer.status, answer.body]).toEqual([
      409,
      {
        reason: { code: "not_reached", description: "It did not happen within the timeout." },
        present: { status: "pending", reason: "required_next_step" },
      },
    ]);
  });

  test("answers immediately if the status is no longer possible", async () => {
    await using sandbox = await frozenSandbox();
    const aborted = await createPayment(sandbox);
    await sandbox.payments.act(aborted.id, "cancel");
    const partly = await createPaidPayment(sandbox);
    await refund(sandbox, partly.id, 5);
    await sandbox.clock.advance("PT2S");
    for (const [id, status, present] of [
      [aborted.id, "captured", { status: "aborted", reason: "cancelled_by_consumer" }],
      [aborted.id, "refunded", { status: "aborted", reason: "cancelled_by_consumer" }],
      [partly.id, "captured", { status: "partially_refunded" }],
      [partly.id, "refunded", { status: "partially_refunded" }],
      [partly.id, "pending", { status: "partially_refunded" }],
    ] as const) {
      const answer = await waitFor(sandbox, id, `status=${status}&${long}`);
      expect([answer.status, answer.body]).toEqual([
        409,
        { reason: { code: "not_reached", description: "It can no longer happen." }, present },
      ]);
    }
  });

  test("answers as soon as the status is no longer possible", async () => {
    await using sandbox = await frozenSandbox();
    const { id } = await createPayment(sandbox);
    const [waiting] = await started((time) => [waitFor(sandbox, id, `status=partially_refunded&${time}`)]);
    await sandbox.payments.act(id, "decline", "risk_rejected");
    expect((await waiting)?.body).toMatchObject({
      reason: { description: "It can no longer happen." },
      present: { status: "declined", reason: "risk_rejected" },
    });
  });

  test.each([
    ["", "status"],
    ["status=approved", "status"],
    ["status=paid", "status"],
    ["status=captured&timeoutMs=60001", "timeoutMs"],
    ["status=captured&timeoutMs=-1", "timeoutMs"],
    ["status=captured&timeoutMs=1.5", "timeoutMs"],
    ["status=captured&timeoutMs=", "timeoutMs"],
    ["status=captured&colour=teal", "colour"],
  ])("?%s has an error at %s", async (query, path) => {
    await using sandbox = await frozenSandbox();
    const { id } = await createPaidPayment(sandbox);
    const answer = await waitFor(sandbox, id, query);
    expect([answer.status, answer.body.errors]).toEqual([
      400,
      [{ path, code: "invalid_request", description: expect.any(String) }],
    ]);
  });

  test("an unknown payment is not found", async () => {
    await using sandbox = await frozenSandbox();
    expect((await waitFor(sandbox, "x", `status=captured&${long}`)).status).toBe(404);
  });
});

describe("a wait ends with its world", () => {
  test("when that world is reset, but not when another is", async () => {
    await using sandbox = await frozenSandbox();
    const here = await createPayment(sandbox);
    const there = await createPayment(sandbox, { account });
    const waits = await started((time) =>
      [here, there].map(({ id }) => waitFor(sandbox, id, `status=captured&${time}`)),
    );
    await post(sandbox, "/_sandbox/reset", { processingAccountId: account });
    expect((await waits[1])?.body).toEqual({
      reason: { code: "not_reached", description: "The world was reset meanwhile." },
      present: { status: "pending", reason: "required_next_step" },
    });
    await sandbox.payments.act(here.id, "pay");
    expect((await waits[0])?.status).toBe(200);
  });

  test("when that world is removed, and when everything is reset", async () => {
    await using sandbox = await frozenSandbox();
    const worlds = [account, other, "2HdN2jq6XWmlkhqRC2gDTNYCvNH"];
    for (const world of worlds) await createPayment(sandbox, { account: world });
    const waits = await started((time) =>
      worlds.map((world) => waitForNotification(sandbox, `processingAccountId=${world}&${time}`)),
    );
    await sandbox.fetch(`/_sandbox/worlds/${account}`, { method: "DELETE" });
    expect((await waits[0])?.body.reason.description).toBe("The world was reset meanwhile.");
    await sandbox.reset();
    for (const wait of waits) expect((await wait).body.reason.description).toBe("The world was reset meanwhile.");
  });

  test("a wait never returns a removed payment after a reset at any moment", async () => {
    await using sandbox = await frozenSandbox();
    for (let turns = 0; turns < 40; turns += 1) {
      const { id } = await createPayment(sandbox);
      const waiting = waitFor(sandbox, id, `status=captured&${long}`);
      for (let count = 0; count < turns; count += 1) await Promise.resolve();
      await sandbox.reset();
      expect([404, 409]).toContain((await waiting).status);
    }
  });
});

test("a wait is refused after the sandbox is closed", async () => {
  const sandbox = await frozenSandbox();
  const { id } = await createPayment(sandbox);
  await sandbox.close();
  for (const late of [
    await waitFor(sandbox, id, `status=captured&${long}`),
    await waitForNotification(sandbox, long),
  ]) {
    expect([late.status, late.body.reason.description]).toEqual([409, "The sandbox is being closed."]);
  }
});

test("a process does not exit before its wait is answered", async () => {
  const script = `
    import { createSandbox } from "./src/index.ts";
    const sandbox = await createSandbox();
    const answer = await sandbox.fetch("/_sandbox/notifications/wait?timeoutMs=50");
    process.stdout.write(String(answer.status));
  `;
  const cwd = new URL("../..", import.meta.url).pathname;
  const child = spawn(process.execPath, ["--import", "tsx", "--input-type=module", "-e", script], { cwd });
  let out = "";
  child.stdout.setEncoding("utf8").on("data", (text) => {
    out += text;
  });
  const [code] = await once(child, "close");
  expect([code, out]).toEqual([0, "409"]);
});

describe("waiting for a notification", () => {
  test("answers with the first attempt after it has ended", async () => {
    const { webhook, arrived, letGo } = heldWebhook(500);
    await using sandbox = await frozenSandbox({ webhook });
    const { id } = await createPaidPayment(sandbox);
    await arrived;
    const early = await waitForNotification(sandbox, `paymentId=${id}&timeoutMs=0`);
    expect([early.status, early.body]).toEqual([
      409,
      {
        reason: { code: "not_reached", description: "It did not happen within the timeout." },
        present: { notifications: 1, states: { due: 1 } },
      },
    ]);
    const waiting = waitForNotification(sandbox, `paymentId=${id}&${long}`);
    letGo();
    const answer = await waiting;
    expect(answer.body).toMatchObject({
      paymentId: id,
      type: "payment",
      state: "retrying",
      attempts: [{ answer: { status: 500 } }],
    });
    expect(answer.body).toEqual((await get(sandbox, "/_sandbox/notifications")).body.data[0]);
  });

  test("answers for any notification if there are no criteria", async () => {
    await using sandbox = await frozenSandbox({ webhook: () => new Response(null, { status: 204 }) });
    const [waiting] = await started((time) => [waitForNotification(sandbox, time)]);
    const { id } = await createPaidPayment(sandbox);
    expect((await waiting)?.body).toMatchObject({ paymentId: id, state: "delivered" });
  });

  test("answers immediately if no attempt will be made", async () => {
    await using nowhere = await frozenSandbox();
    await createPaidPayment(nowhere);
    expect((await waitForNotification(nowhere, long)).body).toMatchObject({ state: "no_endpoint", attempts: [] });

    await using silent = await frozenSandbox({ webhook: () => new Response() });
    await createPayment(silent, { amount: 8888.22 });
    await silent.clock.advance("PT2S");
    expect((await waitForNotification(silent, long)).body).toMatchObject({ state: "suppressed", attempts: [] });
  });

  test("returns the newest match with an attempt", async () => {
    const held = heldWebhook();
    let calls = 0;
    await using sandbox = await frozenSandbox({
      webhook: async () => {
        calls += 1;
        return calls < 3 ? new Response() : held.webhook();
      },
    });
    await createPaidPayment(sandbox);
    await sandbox.settle();
    const second = await createPaidPayment(sandbox);
    await sandbox.settle();
    await createPaidPayment(sandbox);
    await held.arrived;
    expect((await waitForNotification(sandbox, "timeoutMs=0")).body.paymentId).toBe(second.id);
    held.letGo();
  });

  test("uses all given criteria", async () => {
    await using sandbox = await frozenSandbox({ webhook: () => new Response() });
    const paid = await createPaidPayment(sandbox);
    const { body: refunded } = await refund(sandbox, paid.id);
    await sandbox.clock.advance("PT2S");
    const declined = await createPayment(sandbox);
    await sandbox.payments.act(declined.id, "decline");
    await sandbox.settle();
    const foreign = await createPayment(sandbox, { account });
    await sandbox.payments.act(foreign.id, "pay");
    await post(sandbox, "/_sandbox/settle", { processingAccountId: account });

    const found = async (query: string) => {
      const { status, body } = await waitForNotification(sandbox, `${query}&timeoutMs=0`);
      return status === 200 ? [body.type, body.paymentId] : body.present;
    };
    expect(await found("")).toEqual(["payment", declined.id]);
    expect(await found("type=refund")).toEqual(["refund", paid.id]);
    expect(await found("status=captured")).toEqual(["payment", paid.id]);
    expect(await found("status=refunded")).toEqual(["refund", paid.id]);
    expect(await found("type=payment&status=refunded")).toEqual({ notifications: 0 });
    expect(await found(`paymentId=${paid.id}&type=payment`)).toEqual(["payment", paid.id]);
    expect(await found(`paymentId=${paid.id}&status=declined`)).toEqual({ notifications: 0 });
    expect(await found(`refundId=${refunded.id}`)).toEqual(["refund", paid.id]);
    expect(await found("merchantReference=refund-1")).toEqual(["refund", paid.id]);
    expect(await found("merchantReference=order-1001")).toEqual(["payment", declined.id]);
    expect(await found(`paymentId=${foreign.id}`)).toEqual({ notifications: 0 });
    expect(await found(`processingAccountId=${account}`)).toEqual(["payment", foreign.id]);
    expect(await found(`processingAccountId=${account}&status=declined`)).toEqual({ notifications: 0 });
  });

  test.each([
    ["type=webhook", "type"],
    ["status=paid", "status"],
    ["timeoutMs=forever", "timeoutMs"],
    ["id=5", "id"],
  ])("?%s has an error at %s", async (query, path) => {
    await using sandbox = await frozenSandbox();
    const answer = await waitForNotification(sandbox, query);
    expect([answer.status, answer.body.errors[0].path]).toEqual([400, path]);
  });

  test("an unknown world is not found", async () => {
    await using sandbox = await frozenSandbox();
    expect((await waitForNotification(sandbox, `processingAccountId=${account}&${long}`)).status).toBe(404);
  });
});
