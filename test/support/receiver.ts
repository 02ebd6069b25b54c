import { readFileSync } from "node:fs";
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import type { TlsOptions } from "node:tls";

/** A webhook received by a merchant's server. */
export interface ReceivedWebhook {
  method: string;
  path: string;
  /** Every X-Signature line. */
  signatures: string[];
  headers: IncomingMessage["headers"];
  body: string;
}

/** A merchant's server on a real socket, with answers from the test. */
export interface Receiver {
  url: string;
  received: ReceivedWebhook[];
  /** Resolves when that many webhooks have arrived. */
  arrived(count: number): Promise<void>;
  close(): Promise<void>;
}

/** A self-signed certificate and its key. */
const selfSigned = readFileSync(new URL("../../fixtures/keys/self-signed.pem", import.meta.url));

/** @param protocol with `https` the certificate is self-signed. @param tls further options of `https`. */
export async function startReceiver(
  answer: (response: ServerResponse, webhook: ReceivedWebhook) => unknown = (response) => response.writeHead(204).end(),
  protocol: "http" | "https" = "http",
  tls: TlsOptions = {},
): Promise<Receiver> {
  const received: ReceivedWebhook[] = [];
  const waiting = new Set<() => void>();
  const listener: RequestListener = async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const lines = request.rawHeaders.filter(
      (_, index, all) => all[index - 1]?.toLowerCase() === "x-signature" && index % 2 === 1,
    );
    const webhook = {
      method: request.method ?? "",
      path: request.url ?? "",
      signatures: lines,
      headers: request.headers,
      body: Buffer.concat(chunks).toString("utf8"),
    };
    received.push(webhook);
    for (const wake of waiting) wake();
    await answer(response, webhook);
  };
  const server =
    protocol === "http"
      ? createServer(listener)
      : createTlsServer({ cert: selfSigned, key: selfSigned, ...tls }, listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `${protocol}://127.0.0.1:${port}/webhooks`,
    received,
    arrived: (count) =>
      new Promise((resolve) => {
        const check = () => {
          if (received.length < count) return;
          waiting.delete(check);
          resolve();
        };
        waiting.add(check);
        check();
      }),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** A promise that a test resolves. */
export interface Gate {
  readonly opened: Promise<void>;
  open(): void;
}

export function gate(): Gate {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}

/** A webhook function that answers only after `letGo` was called. */
export function heldWebhook(status = 200) {
  const arrived = gate();
  const held = gate();
  const webhook = async () => {
    arrived.open();
    await held.opened;
    return new Response(null, { status });
  };
  return { webhook, arrived: arrived.opened, letGo: held.open };
}
