import { describe, expect, test } from "vitest";
import type { Sandbox } from "../../src/index.ts";
import { createPayment, frozenSandbox, get } from "../support/merchant.ts";

/** A sandbox that holds a status request for up to an hour. */
const holdingSandbox = () => frozenSandbox({ limits: { heldStatusMaxMs: 3_600_000 } });

/** Opens a page that requests the status of its payment with the last revision it saw. */
async function openPage(sandbox: Sandbox) {
  const { id, nextStep } = await createPayment(sandbox);
  const status = `${new URL(nextStep.redirect.url).pathname}/status`;
  const { revision } = (await get(sandbox, status)).body;
  const asked = (signal?: AbortSignal) =>
    sandbox.fetch(`${status}?seen=${encodeURIComponent(revision)}`, signal === undefined ? {} : { signal });
  return { id, revision, status, asked };
}

describe("the status request of a page", () => {
  test("is answered at once without a revision, or with another one", async () => {
    await using sandbox = await frozenSandbox();
    const { status, revision } = await openPage(sandbox);
    expect((await get(sandbox, status)).body).toMatchObject({ revision, status: "pending" });
    expect((await get(sandbox, `${status}?seen=something+else`)).body).toMatchObject({ revision, status: "pending" });
  });

  test.each([
    ["the payment is paid", { status: "captured" }, (on: Sandbox, id: string) => on.payments.act(id, "pay")],
    ["the code is scanned", { scanned: true }, (on: Sandbox, id: string) => on.payments.act(id, "scan")],
    ["the clock is moved", { leftMs: 1_740_000 }, (on: Sandbox) => on.clock.advance("PT1M")],
    ["the clock runs", { clock: "running" }, (on: Sandbox) => on.clock.run()],
    ["the payment expires", { status: "aborted" }, (on: Sandbox) => on.clock.advance("PT30M")],
  ])("waits until %s", async (_what, expected, change) => {
    await using sandbox = await holdingSandbox();
    const { id, asked, revision } = await openPage(sandbox);
    let isAnswered = false;
    const answer = asked().then((response) => {
      isAnswered = true;
      return response.json();
    });
    // Changes of other payments do not end the wait.
    await createPayment(sandbox);
    await sandbox.settle();
    expect(isAnswered).toBe(false);
    await change(sandbox, id);
    const changed = (await answer) as { revision: string };
    expect(changed).toMatchObject(expected);
    expect(changed.revision).not.toBe(revision);
  });

  test("ends when the page, the world or the sandbox is closed", async () => {
    const sandbox = await holdingSandbox();
    const [left, open] = [await openPage(sandbox), await openPage(sandbox)];
    const leaving = new AbortController();
    const gone = left.asked(leaving.signal);
    leaving.abort();
    expect((await gone).status).toBe(200);
    const reset = open.asked();
    await sandbox.reset();
    expect((await reset).status).toBe(404);
    const last = (await openPage(sandbox)).asked();
    await sandbox.close();
    expect((await last).status).toBe(200);
  });

  test("gets 404 for an unknown page, with any revision", async () => {
    await using sandbox = await frozenSandbox();
    expect((await get(sandbox, "/pay/nothing/status?seen=anything")).status).toBe(404);
  });
});
