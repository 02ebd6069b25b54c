import { Agent as HttpAgent, request as httpRequest, type IncomingMessage, type OutgoingHttpHeaders } from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";
import { TLSSocket } from "node:tls";
import { URL } from "node:url";
import type { WebhookTls } from "../domain/world.ts";
import { headerLines, readAnswer } from "./answer.ts";
import { type AttemptLimits, type Delivery, makeAttempt, type RunningAttempt } from "./attempt.ts";

/** A webhook to a merchant's endpoint. */
export interface OutgoingWebhook extends AttemptLimits {
  readonly url: string;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly body: string;
  /** How to check the endpoint's certificate, for https. */
  readonly tls: WebhookTls;
  /** The lease of its task, which identifies the delivery. */
  readonly lease: string;
}

export interface Sender {
  /** Posts once, without following redirects. Never rejects. */
  send(webhook: OutgoingWebhook): Promise<Delivery>;
  close(): void;
}

/** A merchant's endpoint that is a function in this process. */
export type WebhookHandler = (request: Request) => Response | Promise<Response>;

/**
 * Options of both agents. A receiver may close an idle connection at the moment in which it is used again, and one with
 * a single thread serves nobody else while it is idle: each webhook has its own connection.
 */
const agentOptions = { keepAlive: false } as const;
/**
 * Maximum time for one address of a name that has several, in milliseconds. Node's default of 250 is too short for a
 * distant host. A third of the webhook's timeout, if that is shorter: it leaves time for the next address.
 */
const addressTimeoutMaxMs = 5_000;

/** Sends over sockets. It uses `node:http`, because `fetch` joins two signature lines into one. */
export function httpSender(): Sender {
  const agents = { "http:": new HttpAgent(agentOptions), "https:": new HttpsAgent(agentOptions) };

  function begin({ url, headers, body, tls, timeoutMs }: OutgoingWebhook, attempt: RunningAttempt): () => void {
    const protocol = new URL(url).protocol === "https:" ? "https:" : "http:";
    const options = {
      method: "POST",
      agent: agents[protocol],
      headers: { ...headers, "content-length": Buffer.byteLength(body) } as OutgoingHttpHeaders,
      rejectUnauthorized: tls === "verify",
      autoSelectFamilyAttemptTimeout: Math.ceil(Math.min(addressTimeoutMaxMs, timeoutMs / 3)),
    };
    const outgoing = protocol === "https:" ? httpsRequest(url, options) : httpRequest(url, options);
    outgoing
      .on("response", (incoming) => {
        const status = incoming.statusCode ?? 0;
        attempt.began(status);
        readAnswer(status, headerLines(incoming.rawHeaders), bytesOf(incoming)).then(
          (answer) => attempt.ended({ answer }),
          attempt.failed,
        );
      })
      // The receiver wants to speak another protocol: its answer ends here.
      .on("upgrade", ({ statusCode: status = 0, rawHeaders }, socket) => {
        socket.destroy();
        attempt.ended({ answer: { status, headers: headerLines(rawHeaders), body: "" } });
      })
      .on("error", (error) => {
        const { socket } = outgoing;
        const isRefused = socket instanceof TLSSocket && socket.authorizationError;
        attempt.failed(isRefused ? new Error(certificateRefused(error)) : error);
      });
    outgoing.end(body);
    return () => outgoing.destroy();
  }

  return {
    send: (webhook) => makeAttempt(webhook, (attempt) => begin(webhook, attempt)),
    close() {
      for (const agent of Object.values(agents)) agent.destroy();
    },
  };
}

function bytesOf(incoming: IncomingMessage): AsyncIterator<Uint8Array> {
  return incoming[Symbol.asyncIterator]();
}

function certificateRefused(error: Error): string {
  return `the certificate was refused: ${error.message} (the setting webhookTls "accept_any" skips this check)`;
}
