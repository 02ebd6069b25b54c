import { Agent as HttpAgent, request as httpRequest, type IncomingMessage, type OutgoingHttpHeaders } from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";

/** What goes out to a merchant's endpoint. */
export interface OutgoingWebhook {
  readonly url: string;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly body: string;
  /** How long the whole answer may take, in milliseconds. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** What came back: an answer (its first 4 KiB), or why there is none. */
export type Delivery =
  | { readonly answer: { readonly status: number; readonly body: string } }
  | { readonly error: string };

export interface Sender {
  /** Posts once, follows no redirect, and never rejects. */
  send(webhook: OutgoingWebhook): Promise<Delivery>;
  close(): void;
}

/** A merchant's endpoint as a function in this process. */
export type WebhookHandler = (request: Request) => Response | Promise<Response>;

const answerMaxBytes = 4096;

/** Sends over sockets. `node:http` and not `fetch`, which would join two signature lines into one. */
export function httpSender(): Sender {
  const agents = { "http:": new HttpAgent({ keepAlive: true }), "https:": new HttpsAgent({ keepAlive: true }) };
  return {
    async send({ url, headers, body, timeoutMs, signal }) {
      const protocol = new URL(url).protocol === "https:" ? "https:" : "http:";
      const timeout = AbortSignal.timeout(timeoutMs);
      try {
        const answer = await new Promise<IncomingMessage>((resolve, reject) => {
          const options = {
            method: "POST",
            agent: agents[protocol],
            headers: { ...headers, "content-length": Buffer.byteLength(body) } as OutgoingHttpHeaders,
            signal: AbortSignal.any([signal, timeout]),
          };
          const outgoing = protocol === "https:" ? httpsRequest(url, options) : httpRequest(url, options);
          outgoing.on("response", resolve).on("error", reject).end(body);
        });
        return { answer: { status: answer.statusCode ?? 0, body: await firstBytes(answer) } };
      } catch (error) {
        if (timeout.aborted) return { error: `no answer within ${timeoutMs} ms` };
        return { error: error instanceof Error ? error.message || error.name : String(error) };
      }
    },
    close() {
      for (const agent of Object.values(agents)) agent.destroy();
    },
  };
}

async function firstBytes(answer: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    size += chunk.length;
    if (size >= answerMaxBytes) break;
  }
  return Buffer.concat(chunks).subarray(0, answerMaxBytes).toString("utf8");
}

/** Hands webhooks to a function in this process. The time limit holds there too. */
export function inProcessSender(handler: WebhookHandler): Sender {
  return {
    async send({ url, headers, body, timeoutMs, signal }) {
      const sent = new Headers();
      for (const [name, value] of Object.entries(headers)) {
        for (const line of [value].flat()) sent.append(name, line);
      }
      const ended = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
      const cut = new Promise<never>((_, reject) => {
        ended.addEventListener("abort", () => reject(new Error(`no answer within ${timeoutMs} ms`)), { once: true });
      });
      cut.catch(() => undefined);
      try {
        const request = new Request(url, { method: "POST", headers: sent, body, signal: ended });
        const response = await Promise.race([handler(request), cut]);
        const text = await Promise.race([response.text(), cut]);
        return { answer: { status: response.status, body: text.slice(0, answerMaxBytes) } };
      } catch (error) {
        return { error: error instanceof Error ? error.message : String(error) };
      }
    },
    close: () => undefined,
  };
}
