import { createHmac } from "node:crypto";
import { createSandbox, type Sandbox, type SandboxOptions } from "../../src/index.ts";

/** A page or redirect of the demo shop, as a browser gets it. */
export interface Visit {
  status: number;
  headers: Headers;
  text: string;
  /** Where a redirect leads; empty where there is none. */
  location: string;
}

/** A sandbox that listens, with its demo shop, and the hands of a payer and a developer. */
export interface DemoShop {
  sandbox: Sandbox;
  url: string;
  /** Asks over a socket and follows nothing; a form is posted. */
  visit(path: string, form?: Record<string, string>, headers?: Record<string, string>): Promise<Visit>;
  /** Buys something: the order's number, and the path that the payer is sent to. */
  buy(item: string, flow?: string): Promise<{ number: string; page: string }>;
  /** The state that the list of orders shows. The list asks the provider nothing. */
  state(number: string): Promise<string | undefined>;
  /** The order's page in parts. */
  order(number: string): Promise<ShownOrder>;
  control<T>(method: string, path: string, body?: object): Promise<T>;
  /** Does what a button of the payment's pages does, and waits until the shop has been told. */
  act(number: string, action: string, reason?: string): Promise<void>;
  /** Waits until nothing is due in the shop's world. */
  settle(): Promise<void>;
  advance(by: string): Promise<void>;
  /** The shop's processing account. */
  account(): Promise<string>;
}

export interface ShownOrder {
  text: string;
  state: string | undefined;
  notice: string | undefined;
  paymentId: string;
  refunds: string[];
  /** What the shop's server sent and got: heading and note of each. */
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

/** Opens a sandbox with a demo shop at nine in the morning, runs a test, and closes it whatever happens. */
export async function withDemoShop(
  options: SandboxOptions & { host?: string },
  run: (shop: DemoShop) => Promise<void>,
): Promise<void> {
  const { host, ...rest } = options;
  await using sandbox = await createSandbox({ clock: "2026-01-05T09:00:00.000Z", demo: true, ...rest });
  const listening = await sandbox.listen(host === undefined ? {} : { host });
  const url = `http://127.0.0.1:${new URL(listening).port}`;

  const visit: DemoShop["visit"] = async (path, form, headers = {}) => {
    const init = form === undefined ? {} : { method: "POST", body: new URLSearchParams(form) };
    const answer = await fetch(url + path, { ...init, headers, redirect: "manual" });
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
    const [, number = ""] = /data-testid="order-(\d+)"/.exec(text) ?? [];
    const { paymentId } = await order(number);
    return (await control<{ processingAccountId: string }>("GET", `/payments/${paymentId}`)).processingAccountId;
  };
  const settle = async () => void (await control("POST", "/settle", { processingAccountId: await account() }));
  await run({
    ...{ sandbox, url, visit, control, order, account, settle },
    buy: async (item, flow = "qr_link") => {
      const { status, text, location } = await visit("/demo/orders", { item, flow });
      if (status !== 303) throw new Error(`nothing was bought: ${status} ${text}`);
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

/** An `X-Signature` as the provider writes it, or nearly so. */
export function hmacSignature(hmacKey: string, body: string, claims: object): string {
  const base64url = (text: string) => Buffer.from(text).toString("base64url");
  const header = base64url(JSON.stringify({ alg: "HS256", kid: "any", ...claims }));
  const signature = createHmac("sha256", hmacKey)
    .update(`${header}.${base64url(body)}`)
    .digest("base64url");
  return `${header}..${signature}`;
}
