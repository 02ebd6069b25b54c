import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { type Credentials, verifyResponse, verifyWebhook } from "../../src/index.ts";
import { signWithJose } from "./jose-merchant.ts";
import { paymentRequest } from "./merchant.ts";

/** A merchant's server on a real socket. It signs its requests, and keeps returns and webhooks. */
export interface Shop {
  url: string;
  webhookUrl: string;
  /** Targets of the browser's requests that begin with `/complete-payment`. */
  returns: string[];
  /** Bodies of the webhooks with a valid signature. */
  webhooks: { type: string; payload: { id: string; status: string } }[];
  /** Sends a signed request and verifies the signature of the response. */
  call(method: string, target: string, body?: object): Promise<{ status: number; body: never }>;
  createPayment(
    flowType: string,
  ): Promise<{ id: string; trackingUrl: string; nextStep: { redirect: { url: string } } }>;
  close(): Promise<void>;
}

export async function startShop(credentials: () => Credentials): Promise<Shop> {
  const shop: Pick<Shop, "returns" | "webhooks"> = { returns: [], webhooks: [] };
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request.setEncoding("utf8")) body += chunk;
    if (request.url === "/webhooks") {
      const signature = request.headers["x-signature"];
      const good = verifyWebhook({ signature, body, hmacKey: credentials().hmacKey, url: `${url}/webhooks` });
      if (good) shop.webhooks.push(JSON.parse(body));
      response.writeHead(good ? 204 : 401).end();
      return;
    }
    if (request.url?.startsWith("/complete-payment")) shop.returns.push(request.url);
    response.writeHead(200, { "content-type": "text/html" }).end("<h1>Thank you</h1>");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  const call: Shop["call"] = async (method, target, body) => {
    const { baseUrl, kid, privateKey, hmacKey } = credentials();
    const text = body === undefined ? "" : JSON.stringify(body);
    const signature = await signWithJose({ method, target, body: text, kid, privateKey });
    const headers = { "X-Signature": signature, "Content-Type": "application/json" };
    const answer = await fetch(baseUrl + target, { method, headers, ...(body === undefined ? {} : { body: text }) });
    const received = await answer.text();
    if (!verifyResponse({ signature: answer.headers.get("x-signature"), body: received, hmacKey })) {
      throw new Error(`the response to ${method} ${target} is not signed by the provider`);
    }
    return { status: answer.status, body: JSON.parse(received) as never };
  };
  return {
    ...shop,
    url,
    webhookUrl: `${url}/webhooks`,
    call,
    createPayment: async (flowType) => {
      const request = paymentRequest({ flowType, returnUrl: `${url}/complete-payment?order=1001#paid` });
      const { status, body } = await call("POST", "/v1/payments", request);
      if (status !== 201) throw new Error(JSON.stringify(body));
      return body;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
