import { Readable } from "node:stream";
import { randomIds } from "./ids.ts";
import {
  type Delivery,
  firstBytes,
  type OutgoingWebhook,
  type Sender,
  startDeadline,
  type WebhookHandler,
} from "./sender.ts";

/** Webhook endpoints that are functions in this process; each has its own, unguessable URL, without a socket. */
export interface InProcessEndpoints {
  /** Registers a function. @returns its URL; a URL is never reused. */
  add(handler: WebhookHandler): string;
  /** Removes the function: later webhooks to the URL fail. */
  remove(url: string): void;
  /** A sender to the functions; it passes webhooks to other URLs on to `fallback`. */
  sender(fallback: Sender): Sender;
}

const origin = "http://webhook.localhost";

/** @param ids generate the names of the endpoints. */
export function inProcessEndpoints(ids = randomIds()): InProcessEndpoints {
  const handlers = new Map<string, WebhookHandler>();

  function send(webhook: OutgoingWebhook): Promise<Delivery> {
    const handler = handlers.get(webhook.url);
    return handler === undefined
      ? Promise.resolve({ error: `no function is registered at ${webhook.url}` })
      : callHandler(handler, webhook);
  }

  return {
    add(handler) {
      const url = `${origin}/${ids.token("webhook", "")}`;
      handlers.set(url, handler);
      return url;
    },
    remove: (url) => void handlers.delete(url),
    sender: (fallback) => ({
      send: (webhook) => (new URL(webhook.url).origin === origin ? send(webhook) : fallback.send(webhook)),
      close: () => fallback.close(),
    }),
  };
}

/** Calls a function with a webhook, under the same timeout as a socket. */
async function callHandler(handler: WebhookHandler, webhook: OutgoingWebhook): Promise<Delivery> {
  const { url, body } = webhook;
  const headers = new Headers();
  for (const [name, value] of Object.entries(webhook.headers)) {
    for (const line of [value].flat()) headers.append(name, line);
  }
  const deadline = startDeadline(webhook);
  const { signal } = deadline;
  const aborted = new Promise<never>((_, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
  aborted.catch(() => undefined);
  let response: Response | undefined;
  try {
    signal.throwIfAborted();
    response = await Promise.race([handler(new Request(url, { method: "POST", headers, body, signal })), aborted]);
    if (typeof response?.status !== "number") return { error: "the function returned no Response" };
    const { status, body: stream } = response;
    if (stream === null) return { answer: { status, body: "" } };
    return { answer: { status, body: await firstBytes(Readable.fromWeb(stream, { signal })) } };
  } catch (error) {
    return { error: deadline.describe(error, response?.status) };
  } finally {
    deadline.clear();
  }
}
