import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/** A proxy between a program and its database that a test controls. */
export interface PostgresProxy extends AsyncDisposable {
  /** URL of the database through the proxy. */
  readonly url: string;
  /** Passes everything on, held bytes first. */
  open(): void;
  /** Closes every connection and each new one. */
  cut(): void;
  /** Accepts connections and passes nothing on, in either direction. */
  hold(): void;
  /** Holds from the next statement with this text on, which the database does not get. */
  holdAt(text: string): void;
  /** Passes everything on after a delay, in milliseconds. */
  delay(ms: number): void;
  /** Stops passing anything on for connections that listen, in either direction. New ones are not affected. */
  silenceListeners(): void;
  /**
   * Closes the next connection that commits a transaction after it sent this text. The database gets the commit, the
   * program gets no confirmation. Resolves then.
   */
  loseCommit(text: string): Promise<void>;
  /**
   * Returns the round trips so far: how often the program sent something after an answer. Connections that listen do
   * not count: no request waits for them.
   */
  roundTrips(): number;
}

type Mode = "open" | "cut" | "hold";

/** Length of the type byte and the length field of a server message. A notification has the type `A`. */
const headBytes = 5;
const notification = "A".charCodeAt(0);

/** @param options.deaf drops the notifications for LISTEN, and nothing else. */
export async function startPostgresProxy(databaseUrl: string, { deaf = false } = {}): Promise<PostgresProxy> {
  const { hostname, port } = new URL(databaseUrl);
  const pairs = new Set<readonly [Socket, Socket]>();
  const listeners = new Set<readonly [Socket, Socket]>();
  const roundTrips = new Map<readonly [Socket, Socket], number>();
  let mode: Mode = "open";
  let delayMs = 0;
  let holding: string | undefined;
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
    const filterBytes = deaf ? withoutNotifications() : (bytes: Buffer) => bytes;
    let isWatched = false;
    let isLost = false;
    let isAnswered = true;
    client.on("data", (bytes) => {
      if (holding !== undefined && bytes.includes(holding)) {
        holding = undefined;
        return setMode("hold");
      }
      if (bytes.includes("LISTEN ")) listeners.add(pair);
      if (isAnswered) roundTrips.set(pair, (roundTrips.get(pair) ?? 0) + 1);
      isAnswered = false;
      isWatched ||= losing !== undefined && bytes.includes(losing.text);
      isLost ||= isWatched && losing !== undefined && bytes.includes("COMMIT");
      if (isLost) {
        losing?.lost();
        losing = undefined;
      }
      pass(database, bytes);
    });
    // A response to the commit proves that the database received it.
    database.on("data", (bytes) => {
      isAnswered = true;
      if (isLost) client.destroy();
      else pass(client, filterBytes(bytes));
    });
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
    holdAt: (text) => {
      holding = text;
    },
    delay: (ms) => setMode("open", ms),
    silenceListeners: () => {
      for (const socket of [...listeners].flat()) socket.pause();
    },
    loseCommit: (text) =>
      new Promise((lost) => {
        losing = { text, lost };
      }),
    roundTrips: () => [...roundTrips].reduce((sum, [pair, count]) => (listeners.has(pair) ? sum : sum + count), 0),
    [Symbol.asyncDispose]: async () => {
      setMode("cut");
      server.close();
      await once(server, "close");
    },
  };
}

/** Returns a filter that removes notifications from a server's bytes, also across chunks. */
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
