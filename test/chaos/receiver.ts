import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { verifyWebhook } from "../../src/index.ts";

/** A received notification. */
export interface Arrival {
  readonly notificationId: string;
  readonly type: "payment" | "refund";
  /** Id of the payment or refund. */
  readonly subjectId: string;
  readonly status: string;
  readonly time: number;
}

/** The merchant's endpoint on a real socket. It acknowledges and keeps every notification. */
export interface Endpoint {
  readonly url: string;
  readonly arrivals: readonly Arrival[];
  /** Notifications without a valid signature of the provider. */
  readonly badlySigned: readonly string[];
  /** Sets the key that verifies signatures. */
  trust(hmacKey: string): void;
  close(): Promise<void>;
}

export async function startEndpoint(): Promise<Endpoint> {
  const arrivals: Arrival[] = [];
  const badlySigned: string[] = [];
  let hmacKey = "";
  const server = createServer(async (request, response) => {
    const time = Date.now();
    let body = "";
    for await (const chunk of request.setEncoding("utf8")) body += chunk;
    const { id: notificationId, type, payload } = JSON.parse(body);
    arrivals.push({ notificationId, type, subjectId: payload.id, status: payload.status, time });
    const signature = request.headers["x-signature"];
    if (!verifyWebhook({ signature, body, hmacKey, url })) badlySigned.push(notificationId);
    response.writeHead(204).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/webhooks`;
  return {
    url,
    arrivals,
    badlySigned,
    trust: (key) => {
      hmacKey = key;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
