import type { IncomingMessage, RequestListener, Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { Server as TlsServer } from "node:tls";
import type { Turns } from "./turns.ts";

export interface ConnectionOptions {
  /** Maximum number of connections. */
  readonly connectionsMax: number;
  /** Paths that are answered even if every connection is busy. */
  readonly alwaysAnswered: readonly string[];
  /** Body of the 503 response to a request for which no connection is free. */
  readonly refusedByLimit: string;
  readonly turns: Turns;
  /** Called when the maximum is reached, once until half of the connections are closed. */
  readonly onFull: () => void;
}

/** Connections beyond the maximum: they get one response, a refusal or that of a health check. */
const extraMax = 16;

interface Connection {
  readonly isExtra: boolean;
  /** Requests without a complete response. */
  open: number;
  /** Resolves at the end of the last response. */
  last: Promise<void> | undefined;
}

/**
 * The connections of a server. At the maximum, a new connection replaces the one that has been without a request for
 * longest. If every connection has a request, a new one gets 503. The requests of one connection are answered one after
 * another, so that a client with many requests on one connection leaves time for others.
 */
export class HttpConnections {
  readonly #server: Server;
  readonly #options: ConnectionOptions;
  readonly #listener: RequestListener;
  readonly #connections = new Map<Socket, Connection>();
  /** Connections without a request, in the order in which they became so. */
  readonly #idle = new Set<Socket>();
  readonly #isTls: boolean;
  readonly #responses = new Set<ServerResponse>();
  /** Connections before the end of their TLS handshake, by the address of the client. */
  readonly #handshakes = new Map<string, Socket>();
  #isFull = false;

  /** @param listener answers a request. It is called for one request of a connection at a time. */
  constructor(server: Server, options: ConnectionOptions, listener: RequestListener) {
    this.#server = server;
    this.#options = options;
    this.#listener = listener;
    server.maxConnections = options.connectionsMax + extraMax;
    server.on("connection", (socket: Socket) => this.#add(socket));
    this.#isTls = server instanceof TlsServer;
    if (this.#isTls) server.on("secureConnection", (socket: Socket) => this.#secure(socket));
    server.on("drop", () => this.#reportFull());
    server.on("request", (request, response) => void this.#serve(request, response));
    server.on("timeout", (socket: Socket) => this.#onSilence(socket));
  }

  /** Closes the connections without a request. The others close with their responses, which say so to the client. */
  close(): void {
    for (const socket of [...this.#idle]) socket.destroy();
    for (const response of this.#responses) announceClose(response);
  }

  #add(socket: Socket): void {
    const { connectionsMax } = this.#options;
    if (this.#connections.size >= connectionsMax) {
      this.#reportFull();
      const [oldest] = this.#idle;
      if (oldest !== undefined) {
        this.#remove(oldest);
        oldest.destroy();
      }
    }
    const isExtra = this.#connections.size >= connectionsMax;
    this.#connections.set(socket, { isExtra, open: 0, last: undefined });
    this.#idle.add(socket);
    socket.once("close", () => this.#remove(socket));
    if (!this.#isTls) return;
    const client = clientOf(socket);
    this.#handshakes.set(client, socket);
    socket.once("close", () => {
      if (this.#handshakes.get(client) === socket) this.#handshakes.delete(client);
    });
  }

  /** Replaces a connection by the one with TLS that it carries. */
  #secure(socket: Socket): void {
    const carrier = this.#handshakes.get(clientOf(socket));
    const connection = carrier && this.#connections.get(carrier);
    if (carrier === undefined || connection === undefined) return void socket.destroy();
    this.#connections.delete(carrier);
    this.#idle.delete(carrier);
    this.#connections.set(socket, connection);
    this.#idle.add(socket);
    socket.once("close", () => this.#remove(socket));
  }

  #remove(socket: Socket): void {
    this.#connections.delete(socket);
    this.#idle.delete(socket);
    if (this.#connections.size <= this.#options.connectionsMax / 2) this.#isFull = false;
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { socket } = request;
    const connection = this.#connections.get(socket);
    if (connection === undefined) return void socket.destroy();
    const { last } = connection;
    connection.open += 1;
    this.#idle.delete(socket);
    this.#responses.add(response);
    connection.last = new Promise((resolve) => {
      response.once("close", () => {
        connection.open -= 1;
        if (connection.open === 0 && this.#connections.has(socket)) this.#idle.add(socket);
        this.#responses.delete(response);
        // A connection that was kept alive would delay the end of the server.
        if (!this.#server.listening) socket.destroySoon();
        resolve();
      });
    });
    if (connection.open > 1) await last;
    const turn = this.#options.turns.pause();
    if (turn !== undefined) await turn;
    if (socket.destroyed) return void this.#responses.delete(response);
    if (!this.#server.listening) announceClose(response);
    if (connection.isExtra) {
      announceClose(response);
      const [path = ""] = (request.url ?? "").split("?");
      if (!this.#options.alwaysAnswered.includes(path)) return this.#refuse(response);
    }
    this.#listener(request, response);
  }

  #refuse(response: ServerResponse): void {
    const { refusedByLimit: body } = this.#options;
    const headers = { "content-type": "application/json", "content-length": Buffer.byteLength(body) };
    response.writeHead(503, headers).end(body);
  }

  /** Closes a kept connection at the end of its time, and one whose client does not read its response. */
  #onSilence(socket: Socket): void {
    const connection = this.#connections.get(socket);
    const isKept = connection?.open === 0 && connection.last !== undefined;
    if (isKept || socket.writableLength > 0) socket.destroy();
  }

  #reportFull(): void {
    if (!this.#isFull) this.#options.onFull();
    this.#isFull = true;
  }
}

function clientOf({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress} ${remotePort}`;
}

function announceClose(response: ServerResponse): void {
  if (!response.headersSent) response.setHeader("Connection", "close");
}
