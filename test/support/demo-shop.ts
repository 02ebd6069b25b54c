import { createHmac } from "node:crypto";
import { readFileSync } from "node:fs";
import { connectSandbox, createSandbox, type Sandbox, type SandboxOptions } from "../../src/index.ts";

/** A page or redirect of the demo shop. */
export interface Visit {
  status: number;
  headers: Headers;
  text: string;
  /** Target of a redirect; empty without one. */
  location: string;
}

/** A listening sandbox with its demo shop, and functions for the payer and the developer. */
export interface DemoShop {
  sandbox: Sandbox;
  url: string;
  /** Sends a request over a socket without following redirects. With a form it is a POST. */
  visit(path: string, form?: Record<string, string>, headers?: Record<string, string>): Promise<Visit>;
  /** Places an order. @returns its number, and the path of the payer's page. */
  buy(item: string, flow?: string): Promise<{ number: string; page: string }>;
  /** Returns the state in the list of orders. The list sends no request to the provider. */
  state(number: string): Promise<string | undefined>;
  /** Returns the parts of the order's page. */
  order(number: string): Promise<ShownOrder>;
  control<T>(method: string, path: string, body?: object): Promise<T>;
  /** Performs an action of the payer, and waits until the shop is notified. */
  act(number: string, action: string, reason?: string): Promise<void>;
  /** Waits until no task is due in the shop's world. */
  settle(): Promise<void>;
  advance(by: string): Promise<void>;
  /** Returns the shop's processing account id. */
  account(): Promise<string>;
}

export interface ShownOrder {
  text: string;
  state: string | undefined;
  notice: string | undefined;
  paymentId: string;
  refunds: string[];
  /** Requests that the shop's server sent and received: heading and note of each. */
  entries: string[];
}

const plain = (text: string) =>
  text
    .replace(/<[^>]*>/g, "")
    .replaceAll("&quot;", '"')
    .replaceAll("&#39;", "'")
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&amp;", "&")
    .trim();

/** The text of the first element with a test id. */
function textOf(html: string, testId: string): string | undefined {
  const found = new RegExp(`data-testid="${testId}"[^>]*>(.*?)</`, "s").exec(html)?.[1];
  return found === undefined ? undefined : plain(found);
}

function shownOrder(text: string): ShownOrder {
  return {
    text,
    state: /data-testid="state" data-state="(\w+)"/.exec(text)?.[1],
    notice: textOf(text, "notice"),
    paymentId: textOf(text, "payment-id") ?? "",
    refunds: [...text.matchAll(/data-testid="refund" data-status="(\w+)"><span>([^<]*)/g)].map(
      ([, status, amount]) => `${amount} ${status}`,
    ),
    entries: [...text.matchAll(/class="heading">(.*?)<\/span><span class="quiet note">(.*?)<\/span>/gs)].map(
      ([, heading = "", note = ""]) => `${plain(heading)}: ${plain(note)}`,
    ),
  };
}

/** Opens a sandbox with a demo shop and a clock frozen at nine, runs a test, and closes it in every case. */
export async function withDemoShop(
  options: SandboxOptions & { host?: string },
  run: (shop: DemoShop) => Promise<void>,
): Promise<void> {
  const { host, ...rest } = options;
  await using sandbox = await createSandbox({ clock: "2026-01-05T09:00:00.000Z", demo: true, ...rest });
  const listening = await sandbox.listen(host === undefined ? {} : { host });
  const { protocol, port } = new URL(listening);
  const url = `${protocol}//127.0.0.1:${port}`;
  const caFile = sandbox.caFile ?? rest.tlsCert;
  const send = caFile === undefined ? fetch : (await connectSandbox(url, { ca: readFileSync(caFile, "utf8") })).fetch;

  const visit: DemoShop["visit"] = async (path, form, headers = {}) => {
    const init = form === undefined ? {} : { method: "POST", body: new URLSearchParams(form) };
    const answer = await send(url + path, { ...init, headers, redirect: "manual" });
    const { status } = answer;
    const location = answer.headers.get("location") ?? "";
    return { status, headers: answer.headers, text: await answer.text(), location };
  };
  const control = async <T>(method: string, path: string, body?: object): Promise<T> => {
    const init = body === undefined ? { method } : { method, body: JSON.stringify(body) };
    const answer = await sandbox.fetch(`/_sandbox${path}`, init);
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${text}`);
    return JSON.parse(text) as T;
  };
  const order = async (number: string) => shownOrder((await visit(`/demo/orders/${number}`)).text);
  const account = async () => {
    const { text } = await visit("/demo/orders");
    return /href="[^"]*\?world=(\w+)" data-testid="sandbox-link"/.exec(text)?.[1] ?? "";
  };
  const settle = async () => void (await control("POST", "/settle", { processingAccountId: await account() }));
  await run({
    ...{ sandbox, url, visit, control, order, account, settle },
    buy: async (item, flow = "qr_link") => {
      const { status, text, location } = await visit("/demo/orders", { item, flow });
      if (status !== 303) throw new Error(`the order was refused: ${status} ${text}`);
      const [, number = ""] = /data-testid="order-(\d+)"/.exec((await visit("/demo/orders")).text) ?? [];
      return { number, page: new URL(location, url).pathname };
    },
    state: async (number) => {
      const { text } = await visit("/demo/orders");
      return shownOrder(text.slice(text.indexOf(`data-testid="order-${number}"`))).state;
    },
    act: async (number, action, reason) => {
      const { paymentId } = await order(number);
      await control("POST", `/payments/${paymentId}/actions`, { action, ...(reason === undefined ? {} : { reason }) });
      await settle();
    },
    advance: async (by) => void (await control("POST", "/clock/advance", { processingAccountId: await account(), by })),
  });
}

/** Another program of the merchant creates a payment with the reference of an order of the shop. @returns its id. */
export async function createElsewhere({ sandbox, account }: DemoShop, value: number, number = "1001"): Promise<string> {
  const body = JSON.stringify({
    processingAccountId: await account(),
    merchantReference: `order-${number}`,
    amount: { value, currency: "hkd" },
    paymentMethod: { type: "alipay_hk", alipayHk: { returnUrl: "https://shop.example/", flowType: "qr_link" } },
  });
  const created = await sandbox.fetch("/v1/payments", { method: "POST", body });
  return ((await created.json()) as { id: string }).id;
}

/** Returns an `X-Signature` in the provider's format, with any claims. */
export function hmacSignature(hmacKey: string, body: string, claims: object): string {
  const base64url = (text: string) => Buffer.from(text).toString("base64url");
  const header = base64url(JSON.stringify({ alg: "HS256", kid: "any", ...claims }));
  const signature = createHmac("sha256", hmacKey)
    .update(`${header}.${base64url(body)}`)
    .digest("base64url");
  return `${header}..${signature}`;
}
