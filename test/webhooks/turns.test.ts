import { describe, expect, test } from "vitest";
import { verifyWebhook } from "../../src/index.ts";
import { createPaidPayment, frozenSandbox, post } from "../support/merchant.ts";
import { notificationsOf } from "../support/notifications.ts";
import { gate, type ReceivedWebhook, startReceiver } from "../support/receiver.ts";

const demo = "2HdN2jq6XWmlkhqRC2gDTNYCvNH";
const paymentOf = ({ body }: ReceivedWebhook) => JSON.parse(body).payload.id as string;

/** A receiver that holds all requests until it is released, and counts its open requests. */
async function startHangingReceiver() {
  const held = gate();
  const open = { now: 0, most: 0 };
  const receiver = await startReceiver(async (response) => {
    open.now += 1;
    open.most = Math.max(open.most, open.now);
    await held.opened;
    open.now -= 1;
    response.writeHead(204).end();
  });
  return { ...receiver, open, letGo: held.open };
}

describe("deliveries to one endpoint wait for a slot", () => {
  test("only two of forty start, another world does not wait, and all arrive at the end", async () => {
    const receiver = await startHangingReceiver();
    await using sandbox = await frozenSandbox({ webhook: receiver.url, limits: { deliveriesPerEndpointMax: 2 } });
    const paid: string[] = [];
    for (let count = 0; count < 40; count += 1) paid.push((await createPaidPayment(sandbox)).id);
    await receiver.arrived(2);

    const neighbour = await sandbox.world();
    const account = neighbour.processingAccountId;
    const { id } = await createPaidPayment(sandbox, { account });
    await receiver.arrived(3);
    expect(receiver.received.map(paymentOf)).toEqual([...paid.slice(0, 2), id]);

    receiver.letGo();
    await Promise.all([sandbox.settle(), neighbour.settle()]);
    expect(receiver.received.map(paymentOf).sort()).toEqual([...paid, id].sort());
    expect(receiver.open.most).toBe(3);
    await receiver.close();
  });

  test("in the order of their due times", async () => {
    const receiver = await startHangingReceiver();
    await using sandbox = await frozenSandbox({ webhook: receiver.url, limits: { deliveriesPerEndpointMax: 1 } });
    const paid: string[] = [];
    for (let count = 0; count < 5; count += 1) paid.push((await createPaidPayment(sandbox)).id);
    receiver.letGo();
    await sandbox.settle();
    expect(receiver.received.map(paymentOf)).toEqual(paid);
    await receiver.close();
  });

  test("and their timeout starts with the attempt", async () => {
    const receiver = await startReceiver((response) => {
      if (receiver.received.length > 2) response.writeHead(204).end();
    });
    await using sandbox = await frozenSandbox({
      webhook: receiver.url,
      settings: { webhookTimeoutMs: 300 },
      limits: { deliveriesPerEndpointMax: 1 },
    });
    // The third delivery waits for twice its timeout.
    for (let count = 0; count < 3; count += 1) await createPaidPayment(sandbox);
    await sandbox.settle();
    expect(await notificationsOf(sandbox)).toMatchObject([
      { state: "delivered", attempts: [{ answer: { status: 204 } }] },
      { state: "retrying", attempts: [{ error: "no response within 300 ms" }] },
      { state: "retrying", attempts: [{ error: "no response within 300 ms" }] },
    ]);
    await receiver.close();
  });

  test("and use the keys and the endpoint of the time when they start", async () => {
    const receiver = await startHangingReceiver();
    const moved = await startReceiver();
    await using sandbox = await frozenSandbox({ webhook: receiver.url, limits: { deliveriesPerEndpointMax: 1 } });
    await createPaidPayment(sandbox);
    const { id } = await createPaidPayment(sandbox);
    await receiver.arrived(1);
    await post(sandbox, "/_sandbox/keys/rotate", {});
    const body = JSON.stringify({ settings: { webhookUrl: moved.url } });
    await sandbox.fetch(`/_sandbox/worlds/${demo}`, { method: "PATCH", body });
    receiver.letGo();
    await sandbox.settle();

    expect(receiver.received).toHaveLength(1);
    expect(moved.received.map(paymentOf)).toEqual([id]);
    const { hmacKey } = sandbox.credentials;
    for (const { signatures, body } of moved.received) {
      expect(signatures).toHaveLength(2);
      expect(verifyWebhook({ signature: signatures, body, hmacKey, url: moved.url })).toBe(true);
    }
    await Promise.all([receiver.close(), moved.close()]);
  });
});

describe("a waiting delivery ends without an attempt", () => {
  test("at a reset, which also frees the slots", async () => {
    const receiver = await startHangingReceiver();
    await using sandbox = await frozenSandbox({ webhook: receiver.url, limits: { deliveriesPerEndpointMax: 1 } });
    for (let count = 0; count < 3; count += 1) await createPaidPayment(sandbox);
    await receiver.arrived(1);
    await sandbox.reset();
    const { id } = await createPaidPayment(sandbox);
    await receiver.arrived(2);
    receiver.letGo();
    await sandbox.settle();
    expect(receiver.received.map(paymentOf).slice(1)).toEqual([id]);
    await receiver.close();
  });

  test("at close", async () => {
    const receiver = await startHangingReceiver();
    const limits = { deliveriesPerEndpointMax: 1, closeTimeoutMs: 50 };
    const sandbox = await frozenSandbox({ webhook: receiver.url, limits });
    for (let count = 0; count < 3; count += 1) await createPaidPayment(sandbox);
    await receiver.arrived(1);
    await sandbox.close();
    expect(receiver.received).toHaveLength(1);
    await receiver.close();
  });

  test("when the endpoint is removed", async () => {
    const receiver = await startHangingReceiver();
    await using sandbox = await frozenSandbox({ webhook: receiver.url, limits: { deliveriesPerEndpointMax: 1 } });
    for (let count = 0; count < 2; count += 1) await createPaidPayment(sandbox);
    await receiver.arrived(1);
    const body = JSON.stringify({ settings: { webhookUrl: null } });
    await sandbox.fetch(`/_sandbox/worlds/${demo}`, { method: "PATCH", body });
    receiver.letGo();
    await sandbox.settle();
    const states = (await notificationsOf(sandbox)).map(({ state }: { state: string }) => state);
    expect([states, receiver.received.length]).toEqual([["no_endpoint", "delivered"], 1]);
    await receiver.close();
  });
});
