import { isLoopback, type Scheme, urlOf } from "../config/addresses.ts";
import { firstPrivateIpv4 } from "../platform/server.ts";

/** Base URL of a sandbox for a phone on this network, and whether a phone can reach it. */
export interface PhoneAddress {
  readonly base: string;
  readonly reachable: boolean;
}

/** @param at where the sandbox listens. Its public URL has priority. */
export function phoneAddress(
  publicUrl: string | undefined,
  { host, port, scheme }: { readonly host: string; readonly port: number; readonly scheme: Scheme },
): PhoneAddress {
  if (publicUrl !== undefined) return { base: publicUrl, reachable: !isLoopback(new URL(publicUrl).hostname) };
  if (isLoopback(host)) return { base: urlOf(host, port, scheme), reachable: false };
  const address = host === "0.0.0.0" || host === "::" ? firstPrivateIpv4() : host;
  return address === undefined
    ? { base: urlOf("localhost", port, scheme), reachable: false }
    : { base: urlOf(address, port, scheme), reachable: true };
}
