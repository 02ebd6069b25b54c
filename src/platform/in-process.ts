import { AsyncLocalStorage } from "node:async_hooks";
import { URL } from "node:url";
import { readAnswer } from "./answer.ts";
import { type Delivery, makeAttempt } from "./attempt.ts";
import { randomIds } from "./ids.ts";
import type { OutgoingWebhook, Sender, WebhookHandler } from "./sender.ts";

/** Webhook endpoints that are functions in this process; each has its own, unguessable URL, without a socket. */
export interface InProcessEndpoints {
  /** Registers a function. @returns its URL; a URL is never reused. */
  add(handler: WebhookHandler): string;
  /** Removes the function: later webhooks to the URL fail. */
  remove(url: string): void;
  /** A sender to the functions; it passes webhooks to other URLs on to `fallback`. */
  sender(fallback: Sender): Sender;
  /** The lease of the delivery whose function makes the present call; `undefined` outside the functions. */
  currentDelivery(): string | undefined;
}

const origin = "http://webhook.localhost";

type Deliveries = ReadonlyMap<InProcessEndpoints, string>;

/**
 * The deliveries whose functions make the present call, by their endpoints. In Node 20 and 22 each enabled storage
 * makes every promise of the process slower: so all sandboxes share one, which is enabled only while a function runs.
 */
const deliveries = new AsyncLocalStorage<Deliveries>();
let running = 0;

async function runWithin(own: Deliveries, run: () => Response | Promise<Response>): Promise<Response> {
  running += 1;
  try {
    return await deliveries.run(own, run);
  } finally {
    running -= 1;
    if (running === 0) deliveries.disable();
  }
}

/** @param ids generate the names of the endpoints. */
export function inProcessEndpoints(ids = randomIds()): InProcessEndpoints {
  const handlers = new Map<string, WebhookHandler>();

  function send(webhook: OutgoingWebhook): Promise<Delivery> {
    const handler = handlers.get(webhook.url);
    if (handler === undefined) return Promise.resolve({ error: `no function is registered at ${webhook.url}` });
    const own = new Map(deliveries.getStore()).set(endpoints, webhook.lease);
    return callHandler((request) => runWithin(own, () => handler(request)), webhook);
  }

  const endpoints: InProcessEndpoints = {
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
    currentDelivery: () => deliveries.getStore()?.get(endpoints),
  };
  return endpoints;
}

/** Calls a function with a webhook, as an attempt like one over a socket. */
function callHandler(handler: WebhookHandler, webhook: OutgoingWebhook): Promise<Delivery> {
  return makeAttempt(webhook, (attempt) => {
    const ending = new AbortController();
    let hasAnswered = false;
    let reader: ReadableStreamDefaultReader<Uint8Array> | undefined;
    const answer = async (): Promise<Delivery> => {
      const response = await handler(requestOf(webhook, ending.signal));
      if (typeof response?.status !== "number") return { error: "the function returned no Response" };
      const { status, headers, body } = response;
      hasAnswered = true;
      attempt.began(status);
      const lines = [...headers].map(([name, value]) => [name.toLowerCase(), value] as const);
      reader = body?.getReader();
      return { answer: await readAnswer(status, lines, bytesOf(reader)) };
    };
    answer().then(attempt.ended, attempt.failed);
    return () => {
      if (!hasAnswered) ending.abort();
      // The rest of the body is not wanted. A stream that failed rejects this too.
      reader?.cancel().catch(() => undefined);
    };
  });
}

function requestOf({ url, headers, body }: OutgoingWebhook, signal: AbortSignal): Request {
  const lines = new Headers();
  for (const [name, value] of Object.entries(headers)) {
    for (const line of [value].flat()) lines.append(name, line);
  }
  return new Request(url, { method: "POST", headers: lines, body, signal });
}

async function* bytesOf(reader: ReadableStreamDefaultReader<Uint8Array> | undefined): AsyncGenerator<Uint8Array> {
  if (reader === undefined) return;
  for (let part = await reader.read(); !part.done; part = await reader.read()) yield part.value;
}
