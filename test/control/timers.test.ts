import { once } from "node:events";
import { type IncomingMessage, request } from "node:http";
import { setImmediate as turn } from "node:timers/promises";
import { afterEach, describe, expect, test, vi } from "vitest";
import { listening } from "../support/hints.ts";
import { answerOf, createPayment, frozenSandbox, get } from "../support/merchant.ts";
import { beginRequest } from "../support/raw-http.ts";

vi.mock("node:timers", () => import("../support/fakeable-timers.ts"));

// These tests fake or count the timers of the process. A database driver has timers too, so they run in memory only.

const demo = "2HdN2jq6XWmlkhqRC2gDTNYCvNH";
const long = "timeoutMs=60000";

afterEach(() => void vi.useRealTimers());

describe("change hints", () => {
  test("a client that disconnects leaves no timer", async () => {
    await using sandbox = await frozenSandbox();
    const url = await sandbox.listen();
    // The keep-alive timer shows that the stream is open.
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const outgoing = request(`${url}/_sandbox/events`).end();
    const [incoming] = (await once(outgoing, "response")) as [IncomingMessage];
    await once(incoming, "data");
    while (vi.getTimerCount() === 0) await turn();
    outgoing.destroy();
    while (vi.getTimerCount() > 0) await turn();
  });

  test("HEAD starts no stream", async () => {
    await using sandbox = await frozenSandbox();
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const response = await sandbox.fetch("/_sandbox/events", { method: "HEAD" });
    expect([response.status, response.headers.get("content-type")]).toEqual([200, "text/event-stream"]);
    for (let turns = 0; turns < 10; turns += 1) await turn();
    expect(vi.getTimerCount()).toBe(0);
  });

  test("a comment is sent every fifteen seconds without changes", async () => {
    await using sandbox = await frozenSandbox();
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const stream = await listening(sandbox);
    const next = stream.next();
    for (let quiet = 1; quiet <= 3; quiet += 1) {
      while (vi.getTimerCount() === 0) await turn();
      vi.advanceTimersByTime(14_999);
      await turn();
      expect(stream.comments).toHaveLength(quiet - 1);
      vi.advanceTimersByTime(1);
      while (stream.comments.length < quiet) await turn();
    }
    expect(stream.comments[0]).toMatch(/^:/);
    const { id } = await createPayment(sandbox);
    expect((await next)?.data).toMatchObject({ resource: "payment", id });
  });

  test("a client in process ends the stream by its signal or by cancelling the body", async () => {
    await using sandbox = await frozenSandbox();
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const client = new AbortController();
    const bySignal = await listening(sandbox, demo, { signal: client.signal });
    const byBody = await listening(sandbox);
    while (vi.getTimerCount() < 2) await turn();
    client.abort();
    expect(await bySignal.next()).toBeUndefined();
    expect(vi.getTimerCount()).toBe(1);
    await byBody.leave();
    while (vi.getTimerCount() > 0) await turn();
  });
});

describe("waiting for a payment", () => {
  test("has a default timeout of five seconds", async () => {
    await using sandbox = await frozenSandbox();
    const { id } = await createPayment(sandbox);
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    let ended = false;
    const waiting = get(sandbox, `/_sandbox/payments/${id}/wait?status=captured`).finally(() => {
      ended = true;
    });
    while (vi.getTimerCount() === 0) await turn();
    vi.advanceTimersByTime(4_999);
    await turn();
    expect(ended).toBe(false);
    vi.advanceTimersByTime(1);
    expect((await waiting).status).toBe(409);
  });
});

describe("closing the sandbox ends a wait", () => {
  test("with an answer, in process and over a socket, and does not wait for its timeout", async () => {
    const sandbox = await frozenSandbox({ limits: { closeTimeoutMs: 10_000_000 } });
    const url = await sandbox.listen();
    const { id } = await createPayment(sandbox);
    const target = `/_sandbox/payments/${id}/wait?status=captured&${long}`;
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const inProcess = sandbox.fetch(target);
    const overSocket = beginRequest(url, target);
    while (vi.getTimerCount() < 2) await turn();
    vi.useRealTimers();
    await sandbox.close();
    const answers = [await answerOf(await inProcess), { ...(await overSocket.answer) }];
    expect(answers.map(({ status }) => status)).toEqual([409, 409]);
    for (const { body } of answers) expect(JSON.stringify(body)).toContain("The sandbox is being closed.");
    const late = await answerOf(await sandbox.fetch(target));
    expect([late.status, late.body.reason.description]).toEqual([409, "The sandbox is being closed."]);
  });
});

describe("a wait whose client disconnects", () => {
  test("ends and leaves no timer", async () => {
    await using sandbox = await frozenSandbox();
    const url = await sandbox.listen();
    const { id } = await createPayment(sandbox);
    const targets = [
      `/_sandbox/payments/${id}/wait?status=captured&${long}`,
      `/_sandbox/notifications/wait?paymentId=${id}&${long}`,
    ];
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const client = new AbortController();
    const inProcess = targets.map((target) => sandbox.fetch(target, { signal: client.signal }));
    const overSockets = targets.map((target) => beginRequest(url, target));
    while (vi.getTimerCount() < 4) await turn();
    client.abort();
    for (const { status } of await Promise.all(inProcess)) expect(status).toBe(409);
    expect(vi.getTimerCount()).toBe(2);
    for (const { answer, leave } of overSockets) {
      leave();
      await expect(answer).rejects.toThrow("socket hang up");
    }
    while (vi.getTimerCount() > 0) await turn();
  });
});
