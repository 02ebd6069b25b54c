import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { verifyWebhook } from "../../src/index.ts";
import type { Counts } from "./counts.ts";

/** A merchant's endpoint that can be away, and can refuse. */
export interface Endpoint {
  readonly url: string;
  /** Ids of the notifications that it acknowledged. */
  readonly acknowledged: Set<string>;
  /** From now on it answers 500 or acknowledges. */
  refuses(isRefusing: boolean): void;
  /** From now on it cuts each connection, or serves it. Another endpoint could take the port if it closed it. */
  isAway(away: boolean): void;
  close(): Promise<void>;
}

export async function startEndpoint(counts: Counts, hmacKeyOf: () => string): Promise<Endpoint> {
  const acknowledged = new Set<string>();
  let isRefusing = false;
  let isCutting = false;
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request.setEncoding("utf8")) body += chunk;
    counts.arrivals += 1;
    const { id } = JSON.parse(body) as { id: string };
    const signature = request.headers["x-signature"];
    if (!verifyWebhook({ signature, body, hmacKey: hmacKeyOf(), url })) counts.wrong.push(`${id} is badly signed`);
    if (!isRefusing) {
      counts.acknowledged += 1;
      acknowledged.add(id);
    }
    response.writeHead(isRefusing ? 500 : 204).end();
  });
  server.on("connection", (socket) => isCutting && socket.destroy());
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}/webhooks`;
  return {
    url,
    acknowledged,
    refuses: (refusing) => {
      isRefusing = refusing;
    },
    isAway: (away) => {
      isCutting = away;
      if (away) server.closeAllConnections();
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
