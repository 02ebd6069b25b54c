import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/** What goes between a program and its database, as a test wants it. */
export interface PostgresProxy extends AsyncDisposable {
  /** The URL of the database by this way. */
  readonly url: string;
  /** Lets everything through, what was held back first. */
  open(): void;
  /** Cuts every connection, and each new one. */
  cut(): void;
  /** Takes connections and passes nothing on, in neither direction. */
  hold(): void;
  /** Lets everything through, so many milliseconds later. */
  delay(ms: number): void;
  /** Passes nothing on any more on a connection that listens, in neither direction; new ones are as ever. */
  silenceListeners(): void;
  /**
   * Cuts one connection, the next on which a transaction is committed after something with this text in it was sent: the
   * commit comes through, and the answer to it does not. Resolves then.
   */
  loseCommit(text: string): Promise<void>;
}

type Mode = "open" | "cut" | "hold";

/** Type byte and length of what a server sends; a notification that somebody listens for is an `A`. */
const headBytes = 5;
const notification = "A".charCodeAt(0);

/** @param options.deaf keeps back what the database tells those who LISTEN, and nothing else. */
export async function startPostgresProxy(databaseUrl: string, { deaf = false } = {}): Promise<PostgresProxy> {
  const { hostname, port } = new URL(databaseUrl);
  const pairs = new Set<readonly [Socket, Socket]>();
  const listeners = new Set<readonly [Socket, Socket]>();
  let mode: Mode = "open";
  let delayMs = 0;
  let losing: { readonly text: string; readonly lost: () => void } | undefined;
  const setMode = (next: Mode, ms = 0) => {
    mode = next;
    delayMs = ms;
    for (const pair of pairs) {
      for (const socket of pair) {
        if (mode === "cut") socket.destroy();
        else if (mode === "hold") socket.pause();
        else socket.resume();
      }
    }
  };
  const pass = (to: Socket, bytes: Uint8Array) => {
    if (delayMs === 0) to.write(bytes);
    else setTimeout(() => to.writable && to.write(bytes), delayMs);
  };
  const server = createServer((client) => {
    if (mode === "cut") return void client.destroy();
    const database = connect(Number(port), hostname);
    const pair = [client, database] as const;
    pairs.add(pair);
    const heard = deaf ? withoutNotifications() : (bytes: Buffer) => bytes;
    let isWatched = false;
    let isLost = false;
    client.on("data", (bytes) => {
      if (bytes.includes("LISTEN ")) listeners.add(pair);
      isWatched ||= losing !== undefined && bytes.includes(losing.text);
      isLost ||= isWatched && losing !== undefined && bytes.includes("COMMIT");
      if (isLost) {
        losing?.lost();
        losing = undefined;
      }
      pass(database, bytes);
    });
    // The answer to the commit is the sign that it came through.
    database.on("data", (bytes) => (isLost ? client.destroy() : pass(client, heard(bytes))));
    for (const [socket, other] of [pair, [database, client] as const]) {
      socket.setNoDelay();
      socket.on("error", () => undefined);
      socket.on("close", () => {
        pairs.delete(pair);
        listeners.delete(pair);
        other.end();
      });
      if (mode === "hold") socket.pause();
    }
    return undefined;
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = new URL(databaseUrl);
  url.host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url: url.href,
    open: () => setMode("open"),
    cut: () => setMode("cut"),
    hold: () => setMode("hold"),
    delay: (ms) => setMode("open", ms),
    silenceListeners: () => {
      for (const socket of [...listeners].flat()) socket.pause();
    },
    loseCommit: (text) =>
      new Promise((lost) => {
        losing = { text, lost };
      }),
    [Symbol.asyncDispose]: async () => {
      setMode("cut");
      server.close();
      await once(server, "close");
    },
  };
}

/** What is left of a server's bytes without its notifications, however they are cut into pieces. */
function withoutNotifications(): (bytes: Buffer) => Buffer {
  let rest = Buffer.alloc(0);
  return (bytes) => {
    rest = Buffer.concat([rest, bytes]);
    const kept: Buffer[] = [];
    while (rest.length >= headBytes) {
      const end = 1 + rest.readUInt32BE(1);
      if (rest.length < end) break;
      if (rest[0] !== notification) kept.push(rest.subarray(0, end));
      rest = rest.subarray(end);
    }
    return Buffer.concat(kept);
  };
}
