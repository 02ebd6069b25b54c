import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { networkInterfaces } from "node:os";
import { getRequestListener, type HttpBindings } from "@hono/node-server";

export interface ServerOptions {
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  /** How long a request may take to arrive, in milliseconds. */
  readonly requestTimeoutMs: number;
  /** How long requests under way may go on after `close`, in milliseconds. */
  readonly closeTimeoutMs: number;
  readonly fetch: (request: Request, bindings: HttpBindings) => Response | Promise<Response>;
  /** The body of the 400 that answers what the HTTP parser refuses before any route. */
  readonly refusedByParser: string;
}

/** A port that is open. */
export interface RunningServer {
  readonly address: { readonly host: string; readonly port: number };
  /** Takes no more connections and lets what is under way finish, for as long as the limit says. */
  close(): Promise<void>;
}

/** Opens a port. Rejects with the system's error where that fails (`EADDRINUSE`, `EACCES`). */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const badRequest = { status: 400, headers: { "content-type": "application/json" } };
  const listener = getRequestListener((request, bindings) => options.fetch(request, bindings as HttpBindings), {
    overrideGlobalObjects: false,
    errorHandler: () => new Response(options.refusedByParser, badRequest),
  });
  const server = createServer(
    {
      // A missing Host is refused further in, where the answer has the API's shape.
      requireHostHeader: false,
      requestTimeout: options.requestTimeoutMs,
      headersTimeout: options.requestTimeoutMs,
      connectionsCheckingInterval: Math.max(50, Math.min(1000, options.requestTimeoutMs / 2)),
    },
    listener,
  );
  // Once the server closes, a connection ends with its answer: kept alive, it would hold up the end.
  server.on("request", ({ socket }, response) => {
    response.once("close", () => {
      if (!server.listening) socket.destroySoon();
    });
  });
  server.on("checkExpectation", (_request, response) => {
    const { length } = Buffer.from(options.refusedByParser);
    response.writeHead(400, { ...badRequest.headers, "content-length": length }).end(options.refusedByParser);
  });
  server.on("clientError", (_error, socket: Socket) => {
    // The answer under way, if any: once its head is out, a second one would end up inside its body.
    const { _httpMessage: answer } = socket as { _httpMessage?: ServerResponse | null };
    if (!socket.writable || answer?.headersSent) return socket.destroy();
    const { length } = Buffer.from(options.refusedByParser);
    const head = `HTTP/1.1 400 Bad Request\r\nContent-Type: application/json\r\nContent-Length: ${length}\r\nConnection: close\r\n\r\n`;
    return socket.end(head + options.refusedByParser);
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject).listen(options.port, options.host, resolve);
  });
  const { address, port } = server.address() as AddressInfo;
  return { address: { host: address, port }, close: () => closeServer(server, options.closeTimeoutMs) };
}

async function closeServer(server: Server, closeTimeoutMs: number): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  const force = setTimeout(() => server.closeAllConnections(), closeTimeoutMs);
  await closed;
  clearTimeout(force);
}

/** The first private IPv4 of this machine: what a phone on the same network can reach. */
export function firstPrivateIpv4(): string | undefined {
  return Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .filter(({ family, internal }) => family === "IPv4" && !internal)
    .map(({ address }) => address)
    .find((address) => /^(10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.)/.test(address));
}
