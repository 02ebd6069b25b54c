import { Agent as HttpAgent, request as httpRequest, type IncomingMessage, type OutgoingHttpHeaders } from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";
import type { Readable } from "node:stream";
import { TLSSocket } from "node:tls";
import type { WebhookTls } from "../domain/world.ts";

/** A webhook to a merchant's endpoint. */
export interface OutgoingWebhook {
  readonly url: string;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly body: string;
  /** How to check the endpoint's certificate, for https. */
  readonly tls: WebhookTls;
  /** Timeout of the complete response, in milliseconds. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** The response with the first 4 KiB of its body, or the reason why there is none. */
export type Delivery =
  | { readonly answer: { readonly status: number; readonly body: string } }
  | { readonly error: string };

export interface Sender {
  /** Posts once, without following redirects. Never rejects. */
  send(webhook: OutgoingWebhook): Promise<Delivery>;
  close(): void;
}

/** A merchant's endpoint that is a function in this process. */
export type WebhookHandler = (request: Request) => Response | Promise<Response>;

const responseMaxBytes = 4096;

/** Sends over sockets. It uses `node:http`, because `fetch` joins two signature lines into one. */
export function httpSender(): Sender {
  const agents = { "http:": new HttpAgent({ keepAlive: true }), "https:": new HttpsAgent({ keepAlive: true }) };

  function post({ url, headers, body, tls }: OutgoingWebhook, signal: AbortSignal): Promise<IncomingMessage> {
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
        const isRefused = socket instanceof TLSSocket && socket.authorizationError;
        reject(isRefused ? new Error(certificateRefused(error)) : error);
      });
      outgoing.end(body);
    });
  }

  return {
    async send(webhook) {
      const deadline = startDeadline(webhook);
      let answer: IncomingMessage | undefined;
      try {
        answer = await post(webhook, deadline.signal);
        return { answer: { status: answer.statusCode ?? 0, body: await firstBytes(answer) } };
      } catch (error) {
        return { error: deadline.describe(error, answer?.statusCode) };
      } finally {
        deadline.clear();
      }
    },
    close() {
      for (const agent of Object.values(agents)) agent.destroy();
    },
  };
}

/** First 4 KiB of a body as text. The rest is not read: the stream is destroyed. */
export async function firstBytes(body: Readable): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body as AsyncIterable<Uint8Array>) {
    chunks.push(Buffer.from(chunk));
    size += chunk.length;
    if (size >= responseMaxBytes) break;
  }
  return Buffer.concat(chunks).subarray(0, responseMaxBytes).toString("utf8");
}

/** Deadline of an attempt. */
export interface Deadline {
  /** Aborts with the attempt's own signal, or at the deadline. */
  readonly signal: AbortSignal;
  /** Describes the error of the attempt. @param status of a response that began but did not end. */
  readonly describe: (error: unknown, status?: number) => string;
  readonly clear: () => void;
}

/** Starts the deadline of an attempt. Its timer keeps the process alive. */
export function startDeadline({ signal, timeoutMs }: Pick<OutgoingWebhook, "signal" | "timeoutMs">): Deadline {
  const timeout = new AbortController();
  const timer = setTimeout(() => timeout.abort(), timeoutMs);
  return {
    signal: AbortSignal.any([signal, timeout.signal]),
    describe(error, status) {
      if (!timeout.signal.aborted) return describeError(error, status);
      return status === undefined
        ? `no response within ${timeoutMs} ms`
        : `the response, with status ${status}, did not end within ${timeoutMs} ms`;
    },
    clear: () => clearTimeout(timer),
  };
}

function certificateRefused(error: Error): string {
  return `the certificate was refused: ${error.message} (the setting webhookTls "accept_any" skips this check)`;
}

function describeError(error: unknown, status: number | undefined): string {
  if (!(error instanceof Error)) return String(error);
  // The name has several addresses, and none of them answered.
  if (error instanceof AggregateError) return error.errors.map((one) => describeError(one, status)).join(", ");
  const { code = "", reason } = error as NodeJS.ErrnoException & { reason?: string };
  if (code === "ECONNRESET" || code === "EPIPE") {
    if (status !== undefined) return `the connection was closed during the response, with status ${status}`;
    return error.message === "socket hang up"
      ? "the connection was closed without a response"
      : "the connection was reset";
  }
  if (code === "EPROTO" || code.startsWith("ERR_SSL_"))
    return `the endpoint does not speak TLS: ${reason ?? error.message}`;
  if (code.startsWith("HPE_")) return `the response is not valid HTTP: ${error.message}`;
  return error.message || error.name;
}
