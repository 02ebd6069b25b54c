import {
  createServer,
  type IncomingMessage,
  maxHeaderSize,
  type RequestListener,
  type Server,
  type ServerResponse,
} from "node:http";
import { createServer as createHttpsServer } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import { networkInterfaces } from "node:os";
import { TLSSocket } from "node:tls";
import { getRequestListener, type HttpBindings } from "@hono/node-server";
import { systemClock } from "./clock.ts";
import { type ConnectionOptions, HttpConnections } from "./http-connections.ts";

/** Maximum size of the request line and the headers of a request, in bytes. */
export const headersMaxBytes = maxHeaderSize;

/** A request that is no readable HTTP. */
export interface UnreadableRequest {
  readonly status: number;
  readonly reason: string;
  /** Address of the client, if it is known. */
  readonly client?: string | undefined;
  /** Whether the client speaks TLS, and this port does not. */
  readonly isTls?: boolean;
  /** Set if this port speaks TLS and the handshake failed: by a client that speaks HTTP, or refuses the certificate. */
  readonly handshake?: "http" | "untrusted" | "failed";
}

export interface ServerOptions extends ConnectionOptions {
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  /** Certificates and private key for HTTPS, PEM; `undefined` for plain HTTP. */
  readonly tls?: { readonly cert: string; readonly key: string } | undefined;
  /** Timeout for a request to arrive, in milliseconds. */
  readonly requestTimeoutMs: number;
  /** Maximum time until a connection that the server has ended is destroyed, in milliseconds. */
  readonly endTimeoutMs: number;
  /** Timeout for requests in flight after `close`, in milliseconds. */
  readonly closeTimeoutMs: number;
  readonly fetch: (request: Request, bindings: HttpBindings) => Response | Promise<Response>;
  /** Body of the 400 response to a request that the HTTP parser refuses. */
  readonly refusedByParser: string;
  /** Body of the 431 response to a request whose headers are too large. */
  readonly refusedHeaders: string;
  /** Called with each request that is no readable HTTP. */
  readonly onUnreadable: (request: UnreadableRequest) => void;
  /** Receives errors of the listening socket: the system could not accept a connection. */
  readonly onAcceptError: (error: Error) => void;
}

/** A server that listens. */
export interface RunningServer {
  readonly address: { readonly host: string; readonly port: number };
  /** Accepts no more connections and waits for requests in flight, up to `closeTimeoutMs`. */
  close(): Promise<void>;
}

/** Opens a port. Rejects with the error of the system, such as `EADDRINUSE` or `EACCES`. */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const { refusedByParser, onUnreadable } = options;
  const badRequest = { status: 400, headers: { "content-type": "application/json" } };
  const fetch = headersKeepCase() ? withLowerCaseNames(options.fetch) : options.fetch;
  const listener = getRequestListener((request, bindings) => fetch(request, bindings as HttpBindings), {
    overrideGlobalObjects: false,
    errorHandler: (error) => {
      onUnreadable({ status: 400, reason: error instanceof Error ? error.message : String(error) });
      return new Response(refusedByParser, badRequest);
    },
  }) as RequestListener;
  const server = newServer(options);
  const connections = new HttpConnections(server, options, (request, response) => {
    if (request.httpVersionMinor === 0) nameHost(request);
    listener(request, response);
  });
  server.on("checkExpectation", ({ headers, socket }, response) => {
    const { length } = Buffer.from(refusedByParser);
    response.writeHead(400, { ...badRequest.headers, "content-length": length }).end(refusedByParser);
    onUnreadable({ status: 400, reason: `Unknown expectation: ${headers.expect}`, client: socket.remoteAddress });
  });
  server.on("clientError", (error: ClientError, socket: Socket) => refuseUnreadable(error, socket, options));
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject).listen(options.port, options.host, resolve);
  });
  server.on("error", options.onAcceptError);
  const { address, port } = server.address() as AddressInfo;
  const close = () => closeServer(server, connections, options.closeTimeoutMs);
  return { address: { host: address, port }, close };
}

function newServer({ requestTimeoutMs, tls }: ServerOptions): Server {
  const httpOptions = {
    // The routes refuse a missing Host, in the error format of the API.
    requireHostHeader: false,
    requestTimeout: requestTimeoutMs,
    headersTimeout: requestTimeoutMs,
    connectionsCheckingInterval: Math.max(50, Math.min(1000, requestTimeoutMs / 2)),
  };
  const tlsOptions = { ...tls, minVersion: "TLSv1.2", handshakeTimeout: requestTimeoutMs } as const;
  // Its type lacks the events that it has in common with a server of HTTP.
  const server = tls === undefined ? createServer(httpOptions) : createHttpsServer({ ...httpOptions, ...tlsOptions });
  server.timeout = requestTimeoutMs;
  return server as Server;
}

/** HTTP/1.0 needs no `Host`. Browsers do not speak it, so the name cannot be a rebound one. */
function nameHost({ headers, rawHeaders }: IncomingMessage): void {
  if (headers.host !== undefined) return;
  headers.host = "localhost";
  rawHeaders.push("Host", headers.host);
}

interface ClientError extends Error {
  readonly code?: string;
  /** The parser's own sentence. */
  readonly reason?: string;
  /** The bytes that the parser refused. */
  readonly rawPacket?: Uint8Array;
}

/** The first byte of a TLS handshake. */
const tlsHandshake = 0x16;

/** Failures of a TLS handshake, by the code of the error. */
const handshakeFailures: Readonly<Record<string, UnreadableRequest["handshake"]>> = {
  ERR_SSL_HTTP_REQUEST: "http",
  ERR_SSL_TLSV1_ALERT_UNKNOWN_CA: "untrusted",
  ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE: "untrusted",
  ERR_SSL_SSLV3_ALERT_CERTIFICATE_UNKNOWN: "untrusted",
};

/** Answers what the parser refuses, and closes the connection. */
function refuseUnreadable(
  { code, reason, message, rawPacket }: ClientError,
  socket: Socket,
  { refusedByParser, refusedHeaders, onUnreadable, endTimeoutMs }: ServerOptions,
): void {
  // The rest of what was answered already. A reset of the connection would lose the answer.
  if (socket.writableEnded) return;
  if (socket instanceof TLSSocket && code?.startsWith("HPE_") !== true && code !== "ERR_HTTP_REQUEST_TIMEOUT") {
    if (code?.startsWith("ERR_SSL_")) {
      onUnreadable({ status: 0, reason: reason ?? message, handshake: handshakeFailures[code] ?? "failed" });
    }
    return void socket.destroy();
  }
  if (!socket.writable) return void socket.destroy();
  const isTooLarge = code === "HPE_HEADER_OVERFLOW";
  const status = isTooLarge ? 431 : 400;
  // Browsers open connections in advance, and may never send a request on them.
  if (socket.bytesRead > 0) {
    const isTls = rawPacket?.[0] === tlsHandshake;
    onUnreadable({ status, reason: reason ?? message, client: socket.remoteAddress, isTls });
  }
  // After the head of a response was sent, a second response would land in its body.
  const { _httpMessage: response } = socket as { _httpMessage?: ServerResponse | null };
  if (response?.headersSent) return void socket.destroy();
  const body = isTooLarge ? refusedHeaders : refusedByParser;
  const head = [
    isTooLarge ? "HTTP/1.1 431 Request Header Fields Too Large" : "HTTP/1.1 400 Bad Request",
    "Content-Type: application/json",
    `Content-Length: ${Buffer.byteLength(body)}`,
    "Connection: close",
  ];
  socket.end(`${head.join("\r\n")}\r\n\r\n${body}`);
  // The client may never close its side.
  const cancel = systemClock.after(endTimeoutMs, () => socket.destroy(), { keepsAlive: true });
  socket.once("close", cancel);
}

/** Whether `Headers` is of a test environment that keeps the case of names: the platform's own does not. */
function headersKeepCase(): boolean {
  return [...new Headers({ Name: "value" })][0]?.[0] === "Name";
}

/** Responses with lower-case header names: the listener would not find others, and would add its defaults. */
function withLowerCaseNames(fetch: ServerOptions["fetch"]): ServerOptions["fetch"] {
  return async (request, bindings) => {
    const response = await fetch(request, bindings);
    for (const [name, value] of [...response.headers]) {
      response.headers.delete(name);
      response.headers.set(name.toLowerCase(), value);
    }
    return response;
  };
}

async function closeServer(server: Server, connections: HttpConnections, closeTimeoutMs: number): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  connections.close();
  const cancel = systemClock.after(closeTimeoutMs, () => server.closeAllConnections(), { keepsAlive: true });
  await closed;
  cancel();
}

/** Addresses of this machine in its networks. */
export function machineAddresses(): string[] {
  return Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .filter(({ internal }) => !internal)
    .map(({ address }) => address);
}

/** First private IPv4 address of this machine: a phone on the same network can reach it. */
export function firstPrivateIpv4(): string | undefined {
  return machineAddresses().find((address) => /^(10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.)/.test(address));
}
