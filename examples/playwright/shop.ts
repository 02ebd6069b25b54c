import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { type Credentials, signRequest } from "alipay-hk-sandbox";

/** The members of a created payment that the shop uses. */
interface CreatedPayment {
  readonly trackingUrl: string;
  readonly nextStep: { readonly redirect: { readonly url: string } };
}

/** The shop under test, for the merchant of one world. Your shop takes the place of this file. */
export async function openShop(credentials: Credentials): Promise<{ readonly url: string } & AsyncDisposable> {
  const server = createServer(async (request, response) => {
    const route = `${request.method} ${request.url}`;
    if (route === "POST /buy") return redirect(response, await createPayment());
    if (route === "GET /thanks") return show(response, `<p data-testid="order">${await orderStatus()}</p>`);
    show(response, '<form method="post" action="/buy"><button>Pay with Alipay HK</button></form>');
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  let trackingUrl = "";

  /** Sends a signed request to the provider. */
  async function call<T>(method: string, target: string, content?: object): Promise<T> {
    const body = content === undefined ? "" : JSON.stringify(content);
    const headers = { "X-Signature": signRequest({ method, target, body, ...credentials }) };
    const response = await fetch(credentials.baseUrl + target, { method, headers, ...(body !== "" && { body }) });
    if (!response.ok) throw new Error(await response.text());
    return (await response.json()) as T;
  }

  /** Creates the payment of the order. @returns the page to send the payer to. */
  async function createPayment(): Promise<string> {
    const alipayHk = { flowType: "qr_link", returnUrl: `${url}/thanks` };
    const payment = await call<CreatedPayment>("POST", "/v1/payments?idempotencyKey=order-1001", {
      processingAccountId: credentials.processingAccountId,
      merchantReference: "order-1001",
      amount: { value: 128.5, currency: "hkd" },
      paymentMethod: { type: "alipay_hk", alipayHk },
    });
    trackingUrl = payment.trackingUrl;
    return payment.nextStep.redirect.url;
  }

  /** Asks the provider, because the return of the browser proves nothing. */
  async function orderStatus(): Promise<string> {
    const { status } = await call<{ status: string }>("GET", trackingUrl);
    return status === "captured" ? "Thank you, it is paid." : `It is not paid: ${status}.`;
  }

  return {
    url,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function redirect(response: ServerResponse, url: string): void {
  response.writeHead(303, { Location: url }).end();
}

function show(response: ServerResponse, html: string): void {
  response.writeHead(200, { "Content-Type": "text/html; charset=utf-8" }).end(html);
}
