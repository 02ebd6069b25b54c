import { isIP } from "node:net";

/** Whether only this machine can reach an address. */
export function isLoopback(host: string): boolean {
  const bare = host.replace(/^\[|\]$/g, "").toLowerCase();
  return (
    bare === "localhost" ||
    bare.endsWith(".localhost") ||
    bare === "::1" ||
    (isIP(bare) === 4 && bare.startsWith("127."))
  );
}

/** Scheme of the URLs of a server. */
export type Scheme = "http" | "https";

/** URL of a host and a port. */
export function urlOf(host: string, port: number, scheme: Scheme = "http"): string {
  return `${scheme}://${host.includes(":") ? `[${host}]` : host}:${port}`;
}

const loopbackOfAnyAddress: Readonly<Record<string, string>> = { "0.0.0.0": "127.0.0.1", "::": "::1" };

/** URL at which this machine reaches a server that listens on `host`. */
export function localUrlOf(host: string, port: number, scheme?: Scheme): string {
  return urlOf(loopbackOfAnyAddress[host] ?? host, port, scheme);
}

/** Base of the URLs that a server on `host` hands out: off loopback a name that works in a container and outside it. */
export function baseUrlOf(host: string, port: number, scheme?: Scheme): string {
  return urlOf(isLoopback(host) ? host : "localhost", port, scheme);
}
