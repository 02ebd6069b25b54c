import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/** A proxy that counts the round trips between a program and its database. */
export interface RoundTripCounter extends AsyncDisposable {
  /** URL of the database through the proxy. */
  readonly url: string;
  /**
   * Returns the round trips so far: how often the program sent something after an answer. Connections that listen do
   * not count: no request waits for them.
   */
  count(): number;
}

export async function startRoundTripCounter(databaseUrl: string): Promise<RoundTripCounter> {
  const { hostname, port } = new URL(databaseUrl);
  const counts = new Map<Socket, number>();
  const listening = new Set<Socket>();
  const server = createServer((client) => {
    const database = connect(Number(port), hostname);
    let isAnswered = true;
    counts.set(client, 0);
    client.on("data", (bytes) => {
      if (bytes.includes("LISTEN ")) listening.add(client);
      if (isAnswered) counts.set(client, (counts.get(client) ?? 0) + 1);
      isAnswered = false;
      database.write(bytes);
    });
    database.on("data", (bytes) => {
      isAnswered = true;
      client.write(bytes);
    });
    for (const [socket, other] of [
      [client, database],
      [database, client],
    ] as const) {
      socket.setNoDelay();
      socket.on("error", () => undefined);
      socket.on("close", () => other.destroy());
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = new URL(databaseUrl);
  url.host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url: url.href,
    count: () => [...counts].reduce((sum, [client, count]) => (listening.has(client) ? sum : sum + count), 0),
    [Symbol.asyncDispose]: async () => {
      server.close();
      for (const client of counts.keys()) client.destroy();
      await once(server, "close");
    },
  };
}
