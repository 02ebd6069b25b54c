import { Readable } from "node:stream";
import {
  type Delivery,
  firstBytes,
  limited,
  type OutgoingWebhook,
  type Sender,
  type WebhookHandler,
} from "./sender.ts";

/** Endpoints that are functions in this process, each at a URL of its own that no socket serves. */
export interface InProcessEndpoints {
  /** @returns the URL at which the function takes webhooks from now on. A URL is never given twice. */
  add(handler: WebhookHandler): string;
  /** From now on a webhook to this URL is answered by nobody. */
  remove(url: string): void;
  /** A sender to the functions; what goes to other origins it leaves to another. */
  sender(other: Sender): Sender;
}

const origin = "http://webhook.localhost";

export function inProcessEndpoints(): InProcessEndpoints {
  const handlers = new Map<string, WebhookHandler>();
  let added = 0;

  function send(webhook: OutgoingWebhook): Promise<Delivery> {
    const handler = handlers.get(webhook.url);
    return handler === undefined
      ? Promise.resolve({ error: `no function takes webhooks at ${webhook.url}` })
      : callHandler(handler, webhook);
  }

  return {
    add(handler) {
      const url = `${origin}/${added === 0 ? "" : added}`;
      added += 1;
      handlers.set(url, handler);
      return url;
    },
    remove: (url) => void handlers.delete(url),
    sender: (other) => ({
      send: (webhook) => (new URL(webhook.url).origin === origin ? send(webhook) : other.send(webhook)),
      close: () => other.close(),
    }),
  };
}

/** Hands a webhook to a function. The time limit holds there too. */
async function callHandler(handler: WebhookHandler, webhook: OutgoingWebhook): Promise<Delivery> {
  const { url, body } = webhook;
  const headers = new Headers();
  for (const [name, value] of Object.entries(webhook.headers)) {
    for (const line of [value].flat()) headers.append(name, line);
  }
  const limit = limited(webhook);
  const { signal } = limit;
  const cut = new Promise<never>((_, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
  cut.catch(() => undefined);
  let response: Response | undefined;
  try {
    signal.throwIfAborted();
    response = await Promise.race([handler(new Request(url, { method: "POST", headers, body, signal })), cut]);
    if (typeof response?.status !== "number") return { error: "the function returned no Response" };
    const { status, body: stream } = response;
    if (stream === null) return { answer: { status, body: "" } };
    return { answer: { status, body: await firstBytes(Readable.fromWeb(stream, { signal })) } };
  } catch (error) {
    return { error: limit.sentenceOf(error, response?.status) };
  } finally {
    limit.clear();
  }
}
