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
/** Connections to one endpoint at a time; more wait for their turn. */
const socketsMax = 32;

/** A signal that ends with the given one, or after a time limit. Its timer keeps the process alive: somebody waits. */
function limited(signal: AbortSignal, timeoutMs: number): { readonly signal: AbortSignal; readonly clear: () => void } {
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs);
  return { signal: AbortSignal.any([signal, limit.signal]), clear: () => clearTimeout(timer) };
}

function reasonOf(error: unknown, signal: AbortSignal): string {
  const cause = signal.aborted ? signal.reason : error;
  return cause instanceof Error ? cause.message || cause.name : String(cause);
}

/** Sends over sockets. `node:http` and not `fetch`, which would join two signature lines into one. */
export function httpSender(): Sender {
  const agents = {
    "http:": new HttpAgent({ keepAlive: true, maxSockets: socketsMax }),
    "https:": new HttpsAgent({ keepAlive: true, maxSockets: socketsMax }),
  };
  return {
    async send({ url, headers, body, timeoutMs, signal }) {
      const protocol = new URL(url).protocol === "https:" ? "https:" : "http:";
      const limit = limited(signal, timeoutMs);
      try {
        const answer = await new Promise<IncomingMessage>((resolve, reject) => {
          const options = {
            method: "POST",
            agent: agents[protocol],
            headers: { ...headers, "content-length": Buffer.byteLength(body) } as OutgoingHttpHeaders,
            signal: limit.signal,
          };
          const outgoing = protocol === "https:" ? httpsRequest(url, options) : httpRequest(url, options);
          outgoing.on("response", resolve).on("error", reject).end(body);
        });
        return { answer: { status: answer.statusCode ?? 0, body: await firstBytes(answer) } };
      } catch (error) {
        return { error: reasonOf(error, limit.signal) };
      } finally {
        limit.clear();
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
      const limit = limited(signal, timeoutMs);
      const cut = new Promise<never>((_, reject) => {
        limit.signal.addEventListener("abort", () => reject(limit.signal.reason), { once: true });
      });
      cut.catch(() => undefined);
      try {
        limit.signal.throwIfAborted();
        const request = new Request(url, { method: "POST", headers: sent, body, signal: limit.signal });
        const response = await Promise.race([handler(request), cut]);
        const bytes = Buffer.from(await Promise.race([response.arrayBuffer(), cut]));
        return { answer: { status: response.status, body: bytes.subarray(0, answerMaxBytes).toString("utf8") } };
      } catch (error) {
        return { error: reasonOf(error, limit.signal) };
      } finally {
        limit.clear();
      }
    },
    close: () => undefined,
  };
}

/** What goes to the URLs of one origin takes one way, everything else the other. */
export function splitSender(url: string, own: Sender, other: Sender): Sender {
  const { origin } = new URL(url);
  return {
    send: (webhook) => (new URL(webhook.url).origin === origin ? own : other).send(webhook),
    close() {
      own.close();
      other.close();
    },
  };
}
