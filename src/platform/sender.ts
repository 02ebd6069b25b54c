import { Agent as HttpAgent, request as httpRequest, type IncomingMessage, type OutgoingHttpHeaders } from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";
import type { Readable } from "node:stream";
import { TLSSocket } from "node:tls";
import type { WebhookTls } from "../domain/world.ts";

/** What goes out to a merchant's endpoint. */
export interface OutgoingWebhook {
  readonly url: string;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly body: string;
  /** How to look at the endpoint's certificate, where the URL is https. */
  readonly tls: WebhookTls;
  /** How long the whole answer may take, in milliseconds. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** What came back: an answer (its first 4 KiB), or why there is none, in words. */
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

  function ask({ url, headers, body, tls }: OutgoingWebhook, signal: AbortSignal): Promise<IncomingMessage> {
    const protocol = new URL(url).protocol === "https:" ? "https:" : "http:";
    const options = {
      method: "POST",
      agent: agents[protocol],
      headers: { ...headers, "content-length": Buffer.byteLength(body) } as OutgoingHttpHeaders,
      rejectUnauthorized: tls === "verify",
      signal,
    };
    return new Promise((resolve, reject) => {
      const outgoing = protocol === "https:" ? httpsRequest(url, options) : httpRequest(url, options);
      outgoing.on("response", resolve).on("error", (error) => {
        const { socket } = outgoing;
        const refused = socket instanceof TLSSocket && socket.authorizationError;
        reject(refused ? new Error(certificateRefused(error)) : error);
      });
      outgoing.end(body);
    });
  }

  return {
    async send(webhook) {
      const limit = limited(webhook);
      let answer: IncomingMessage | undefined;
      try {
        answer = await ask(webhook, limit.signal);
        return { answer: { status: answer.statusCode ?? 0, body: await firstBytes(answer) } };
      } catch (error) {
        return { error: limit.sentenceOf(error, answer?.statusCode) };
      } finally {
        limit.clear();
      }
    },
    close() {
      for (const agent of Object.values(agents)) agent.destroy();
    },
  };
}

/** The first 4 KiB of a body as text. What follows is not read: the stream is destroyed. */
export async function firstBytes(body: Readable): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body as AsyncIterable<Uint8Array>) {
    chunks.push(Buffer.from(chunk));
    size += chunk.length;
    if (size >= answerMaxBytes) break;
  }
  return Buffer.concat(chunks).subarray(0, answerMaxBytes).toString("utf8");
}

/** What an attempt ends by, besides an answer. */
export interface Limit {
  /** Ends with the attempt's own signal, or when its time is over. */
  readonly signal: AbortSignal;
  /** Says what kept an answer away. @param status of an answer that began and did not end. */
  readonly sentenceOf: (error: unknown, status?: number) => string;
  readonly clear: () => void;
}

/** Begins an attempt's time limit. Its timer keeps the process alive: somebody waits. */
export function limited({ signal, timeoutMs }: Pick<OutgoingWebhook, "signal" | "timeoutMs">): Limit {
  const over = new AbortController();
  const timer = setTimeout(() => over.abort(), timeoutMs);
  return {
    signal: AbortSignal.any([signal, over.signal]),
    sentenceOf(error, status) {
      if (!over.signal.aborted) return sentenceOf(error, status);
      return status === undefined
        ? `no answer within ${timeoutMs} ms`
        : `the answer, with status ${status}, did not end within ${timeoutMs} ms`;
    },
    clear: () => clearTimeout(timer),
  };
}

function certificateRefused(error: Error): string {
  return `the certificate was refused: ${error.message} (with the setting webhookTls "accept_any" it is not looked at)`;
}

function sentenceOf(error: unknown, status: number | undefined): string {
  if (!(error instanceof Error)) return String(error);
  // Where a name has several addresses, and none of them answered.
  if (error instanceof AggregateError) return error.errors.map((one) => sentenceOf(one, status)).join(", ");
  const { code = "", reason } = error as NodeJS.ErrnoException & { reason?: string };
  if (code === "ECONNRESET" || code === "EPIPE") {
    if (status !== undefined) return `the connection broke off in the middle of the answer, with status ${status}`;
    return error.message === "socket hang up"
      ? "the connection was closed without an answer"
      : "the connection was reset";
  }
  if (code === "EPROTO" || code.startsWith("ERR_SSL_")) return `no TLS was spoken: ${reason ?? error.message}`;
  if (code.startsWith("HPE_")) return `the answer is not readable HTTP: ${error.message}`;
  return error.message || error.name;
}
