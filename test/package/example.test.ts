import { spawn } from "node:child_process";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";
import { createSandbox } from "../../src/index.ts";

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

test("the example merchant takes an order, is paid, and refunds a part, with the printed variables", async () => {
  const port = await freePort();
  await using sandbox = await createSandbox({
    auth: "require",
    webhook: `http://127.0.0.1:${port}/webhooks`,
    settings: { refundDelayMs: 0 },
  });
  await sandbox.listen();
  const { baseUrl, kid, privateKey, hmacKey, processingAccountId } = sandbox.credentials;
  const child = spawn(process.execPath, [new URL("../../examples/merchant.mjs", import.meta.url).pathname], {
    env: {
      PORT: String(port),
      NOMUPAY_BASE_URL: baseUrl,
      NOMUPAY_KID: kid,
      NOMUPAY_PRIVATE_KEY: privateKey.replaceAll("\n", "\\n"),
      NOMUPAY_HMAC_KEY: hmacKey,
      NOMUPAY_PROCESSING_ACCOUNT_ID: processingAccountId,
    },
  });
  let errors = "";
  child.stderr.setEncoding("utf8").on("data", (text) => {
    errors += text;
  });
  try {
    const [line] = await child.stdout.setEncoding("utf8").take(1).toArray();
    const url = `http://127.0.0.1:${port}`;
    expect(line).toBe(`The shop is at ${url}, its endpoint for webhooks at ${url}/webhooks\n`);
    const post = async (path: string, content: object) => {
      const response = await fetch(url + path, { method: "POST", body: JSON.stringify(content) });
      return (await response.json()) as Record<string, unknown>;
    };
    const view = async () => (await fetch(`${url}/orders/1001`)).json();
    const order = await post("/orders", { reference: "1001", amount: 200 });
    expect(order).toEqual({ reference: "1001", status: "unpaid", paymentUrl: expect.stringContaining("/pay/") });
    const page = String(order.paymentUrl).replace("/pay/", "/wallet/");
    const action = new URLSearchParams({ action: "pay" });
    await fetch(`${page}/actions`, { method: "POST", body: action, redirect: "manual" });
    await sandbox.settle();
    const paid = { reference: "1001", status: "paid", paidAmount: 200, refundedAmount: 0, fulfilments: 1, toCheck: [] };
    expect([await view(), errors]).toEqual([paid, ""]);
    expect(await post("/orders/1001/refunds", { amount: 50 })).toMatchObject({ merchantReference: "refund-1001-1" });
    await sandbox.settle();
    expect(await view()).toEqual({ ...paid, status: "partially_refunded", refundedAmount: 50 });
  } finally {
    child.kill();
  }
});
