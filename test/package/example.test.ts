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

test("the example merchant creates a payment, receives its notification, and refunds a part", async () => {
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
  const lines: string[] = [];
  try {
    let output = "";
    child.stderr.setEncoding("utf8").on("data", (text) => lines.push(text));
    for await (const text of child.stdout.setEncoding("utf8")) {
      output += text;
      lines.splice(0, lines.length, ...output.split("\n").filter((line) => line !== ""));
      if (lines.length === 1) {
        const { data } = (await (await fetch(`${baseUrl}/_sandbox/requests`)).json()) as { data: { status: number }[] };
        expect(data[0]?.status).toBe(201);
        const page = lines[0]?.replace("Send the payer to ", "").replace("/pay/", "/wallet/") ?? "";
        await fetch(`${page}/actions`, {
          method: "POST",
          body: new URLSearchParams({ action: "pay" }),
          redirect: "manual",
        });
      }
      if (lines.length >= 3) break;
    }
  } finally {
    child.kill();
  }
  expect(lines).toEqual([
    expect.stringMatching(/^Send the payer to http:\/\/127\.0\.0\.1:\d+\/pay\//),
    expect.stringMatching(/^payment order-1001: (captured|partially_refunded)$/),
    "refund refund of order-1001: partially_refunded",
  ]);
});
