import { createServer, type IncomingMessage, request as nodeRequest } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";
import { createSandbox, type SandboxOptions, signRequest, verifyWebhook } from "../../src/index.ts";

// The story needs no file of the repository: under such an environment `import.meta.url` names none.

const processingAccountId = "2HdN2jq6XWmlkhqRC2gDTNYCvNH";

const payment = {
  processingAccountId,
  merchantReference: "order-1001",
  amount: { value: 200, currency: "hkd" },
  paymentMethod: {
    type: "alipay_hk",
    alipayHk: { returnUrl: "https://merchant.site/complete-payment", flowType: "qr_link" },
  },
};

interface Heard {
  readonly signature: string | null;
  readonly body: string;
}

/** A merchant whose endpoint is a function, and who asks by `sandbox.fetch`. */
async function withoutSocket(options: SandboxOptions) {
  const heard: Heard[] = [];
  const sandbox = await createSandbox({
    ...options,
    webhook: async (request) => {
      heard.push({ signature: request.headers.get("x-signature"), body: await request.text() });
      return new Response("thank you");
    },
  });
  const url = (await sandbox.settings()).webhookUrl ?? "";
  return {
    sandbox,
    heard,
    url,
    ask: (target: string, init: RequestInit) => sandbox.fetch(target, init),
    end: () => {},
  };
}

/** A merchant on another server, which this environment does not reach. */
async function overSockets(options: SandboxOptions) {
  const heard: Heard[] = [];
  const server = createServer(async (request, response) => {
    heard.push({ signature: request.headers["x-signature"] as string, body: await textOf(request) });
    response.end("thank you");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/webhooks`;
  const sandbox = await createSandbox({ ...options, webhook: url });
  const base = await sandbox.listen();
  const ask = async (target: string, { method, headers, body }: RequestInit) => {
    const outgoing = nodeRequest(base + target, { method, headers: headers as Record<string, string> });
    const incoming = await new Promise<IncomingMessage>((resolve, reject) => {
      outgoing.on("response", resolve).on("error", reject).end(body);
    });
    const types = incoming.rawHeaders.filter((name) => name.toLowerCase() === "content-type");
    expect(types).toHaveLength(1);
    const text = await textOf(incoming);
    return { status: incoming.statusCode, text: async () => text };
  };
  return { sandbox, heard, url, ask, end: () => void server.close() };
}

async function textOf(incoming: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}

/** A merchant's whole story, where the test environment replaces globals of the platform. */
export function tellTheWholeStory(): void {
  test.each([
    ["without a socket", withoutSocket],
    ["over sockets", overSockets],
  ])("%s a merchant creates a payment, hears that it is captured, refunds it and hears of that", async (_, open) => {
    const defects: unknown[] = [];
    const { sandbox, heard, url, ask, end } = await open({
      clock: "2026-01-05T09:00:00.000Z",
      auth: "require",
      onDefect: (error) => defects.push(error),
    });
    const post = async (target: string, json: object) => {
      const { kid, privateKey } = sandbox.credentials;
      const body = JSON.stringify(json);
      const signature = signRequest({ method: "POST", target, body, kid, privateKey });
      const headers = { "X-Signature": signature, "Content-Type": "application/json" };
      const response = await ask(target, { method: "POST", headers, body });
      return { status: response.status, body: JSON.parse(await response.text()) };
    };

    const created = await post("/v1/payments", payment);
    expect(created).toMatchObject({ status: 201, body: { status: "pending" } });
    await sandbox.payments.act(created.body.id, "pay");
    await sandbox.settle();
    const refunded = await post(`/v1/payments/${created.body.id}/refunds`, {
      merchantReference: "refund-1",
      amount: { value: 50, currency: "hkd" },
    });
    expect(refunded.status).toBe(201);
    await sandbox.clock.advance("PT2S");

    expect(heard.map(({ body }) => JSON.parse(body).payload.status)).toEqual(["captured", "partially_refunded"]);
    const { hmacKey } = sandbox.credentials;
    expect(heard.map((webhook) => verifyWebhook({ ...webhook, hmacKey, url }))).toEqual([true, true]);
    expect((await sandbox.notifications.list()).data).toMatchObject([
      { state: "delivered", attempts: [{ answer: { status: 200, body: "thank you" } }] },
      { state: "delivered", attempts: [{ answer: { status: 200, body: "thank you" } }] },
    ]);
    await sandbox.close();
    end();
    expect(defects).toEqual([]);
  });
}
