import { describe, expect, test } from "vitest";
import { type ConnectedSandbox, connectSandbox, createSandbox } from "../../src/index.ts";
import { paymentRequest } from "../support/merchant.ts";

const ways: [way: string, open: () => Promise<{ sandbox: ConnectedSandbox; close: () => Promise<void> }>][] = [
  [
    "in process",
    async () => {
      const sandbox = await createSandbox({ auth: "require" });
      return { sandbox, close: () => sandbox.close() };
    },
  ],
  [
    "connected",
    async () => {
      const server = await createSandbox({ auth: "require" });
      return { sandbox: await connectSandbox(await server.listen()), close: () => server.close() };
    },
  ],
];

describe.each(ways)("with required signatures, %s", (_, open) => {
  test("request signs with the world's key: an object, a text, a query, and no body", async () => {
    const { sandbox, close } = await open();
    const world = await sandbox.world();
    for (const handle of [sandbox, world]) {
      const order = paymentRequest({ account: handle.processingAccountId });
      const created = await handle.request("POST", "/v1/payments?idempotencyKey=payment%20key", order);
      expect(created.status).toBe(201);
      const { id } = (await created.json()) as { id: string };
      await handle.payments.act(id, "pay");
      const text = '{ "merchantReference": "退款" }';
      expect((await handle.request("POST", `/v1/payments/${id}/refunds`, text)).status).toBe(201);
      expect((await handle.request("GET", "/v1/payments?limit=5")).status).toBe(200);
    }
    await close();
  });

  test("fetch sends a request as it is given: unsigned", async () => {
    const { sandbox, close } = await open();
    const body = JSON.stringify(paymentRequest());
    expect((await sandbox.fetch("/v1/payments", { method: "POST", body })).status).toBe(401);
    await close();
  });

  test("a path without / is refused", async () => {
    const { sandbox, close } = await open();
    await expect(sandbox.request("GET", "v1/payments")).rejects.toMatchObject({
      code: "invalid_request",
      message: 'The path is "v1/payments"; it must begin with /.',
    });
    await close();
  });
});
