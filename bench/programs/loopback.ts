/** Loaded before a peer that listens on every address: it listens on the loopback address only. */
import { Server } from "node:net";

const listen = Server.prototype.listen as (this: Server, ...args: unknown[]) => Server;

Server.prototype.listen = function (this: Server, ...args: unknown[]): Server {
  const [port, host, ...rest] = args;
  if (typeof port !== "number") return listen.apply(this, args);
  const others = typeof host === "function" ? [host, ...rest] : rest;
  return listen.call(this, port, "127.0.0.1", ...others);
} as typeof Server.prototype.listen;
