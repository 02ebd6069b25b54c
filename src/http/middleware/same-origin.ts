import type { Context, MiddlewareHandler } from "hono";
import { getCookie } from "hono/cookie";
import { webhookUserAgent } from "../../domain/notification.ts";
import type { Refusal } from "../../domain/refusal.ts";
import type { Sessions } from "../../services/observing/sessions.ts";
import { type Env, headerOf, isFromSocket } from "../env.ts";
import { respondRefusal } from "../respond.ts";

/** Who may control the sandbox through a socket. */
export interface Gate {
  /**
   * Allowed host names besides the built-in ones, in lower case and without port. `.example.com` is that name and all
   * below it, `*.example.com` only those below it.
   */
  readonly allowHosts: readonly string[];
  /** Host and port of the public URL, if configured: its pages belong to the sandbox. */
  readonly publicHost: string | undefined;
  /** Whether other machines can reach the sandbox: then a name without a dot may be its name in their network. */
  readonly allowsDotlessHosts: () => boolean;
  /** Whether the signatures of requests are verified; if not, a signature proves nothing. */
  readonly verifiesSignatures: boolean;
  /** Checks the admin token; absent if none is required. */
  readonly isAdminToken: ((token: string) => boolean) | undefined;
  /** Browser sessions that signed in with the admin token. */
  readonly sessions: Pick<Sessions, "begin" | "has" | "end">;
}

const localName = /^(localhost|.+\.(localhost|internal|test|svc|svc\.cluster\.local))$/;
const dotlessName = /^[^.:]+$/;
const ipLiteral = /^(\d{1,3}(\.\d{1,3}){3}|\[[0-9a-f:.]+\])$/;

/**
 * Refuses requests of foreign web pages, by Host and by Origin: no web page can control a developer's sandbox.
 * Refuses webhooks too: their URL may lead here.
 * @param toPages allows top-level navigation from another site to a page.
 */
export function sameOrigin(gate: Gate, toPages = false): MiddlewareHandler<Env> {
  return async (c, next) => {
    const refusal = foreignOrigin(c, gate, toPages);
    return refusal === undefined ? next() : respondRefusal(c, refusal);
  };
}

/** The refusal of `sameOrigin`, if the request is a foreign one. */
export function foreignOrigin(c: Context<Env>, gate: Gate, toPages = false): Refusal | undefined {
  if (!isFromSocket(c)) return undefined;
  if (c.req.header("User-Agent") === webhookUserAgent) {
    return { code: "forbidden_origin", cause: "webhook", value: webhookUserAgent };
  }
  const host = c.req.header("Host")?.toLowerCase() ?? "";
  const name = withoutPort(host);
  if (!isOwnName(name, gate)) return { code: "forbidden_origin", cause: "host", value: name };
  const origin = headerOf(c, "origin");
  const originHost = origin === undefined ? undefined : hostOf(origin);
  if (origin !== undefined && (originHost === undefined || (originHost !== host && originHost !== gate.publicHost))) {
    return { code: "forbidden_origin", cause: "origin", value: origin };
  }
  if (headerOf(c, "sec-fetch-site") === "cross-site" && !(toPages && isNavigation(c))) {
    return { code: "forbidden_origin", cause: "origin", value: "another site" };
  }
  return undefined;
}

/** Whether the name in a `Host` header cannot be one that a foreign page's server rebound to this machine. */
function isOwnName(name: string, { allowHosts, publicHost, allowsDotlessHosts }: Gate): boolean {
  if (localName.test(name) || ipLiteral.test(name)) return true;
  if (allowHosts.some((allowed) => isAllowed(name, allowed))) return true;
  if (publicHost !== undefined && name === withoutPort(publicHost)) return true;
  return dotlessName.test(name) && allowsDotlessHosts();
}

function isAllowed(name: string, allowed: string): boolean {
  if (allowed.startsWith("*")) return name.endsWith(allowed.slice(1));
  return name === allowed || (allowed.startsWith(".") && `.${name}`.endsWith(allowed));
}

/** Requires the admin token, if one is configured. @param orSession whether a browser session is enough. */
export function requireAdminToken(gate: Gate, orSession = false): MiddlewareHandler<Env> {
  return async (c, next) => {
    if (mayControl(c, gate) || (orSession && (await hasSession(c, gate)))) return next();
    c.header("WWW-Authenticate", 'Bearer realm="sandbox"');
    return respondRefusal(c, { code: "admin_token_required" });
  };
}

/** Whether no admin token is required, or the request carries it. */
export function mayControl(c: Context<Env>, { isAdminToken }: Gate): boolean {
  if (isAdminToken === undefined || !isFromSocket(c)) return true;
  const token = /^Bearer (.+)$/i.exec(c.req.header("Authorization") ?? "")?.[1];
  return token !== undefined && isAdminToken(token);
}

/** Whether the request belongs to a browser session that signed in. */
export async function hasSession(c: Context<Env>, { sessions }: Gate): Promise<boolean> {
  const session = sessionOf(c);
  return session !== undefined && sessions.has(session);
}

/** The session id in the request's cookie. */
export function sessionOf(c: Context<Env>): string | undefined {
  return getCookie(c, sessionCookie(c));
}

/** Cookies are shared by all ports of a host, and a machine may run several sandboxes: the name contains the port. */
export function sessionCookie(c: Context<Env>): string {
  const [, port] = /:(\d+)$/.exec(c.req.header("Host") ?? "") ?? [];
  return port === undefined ? "sandbox_session" : `sandbox_session_${port}`;
}

function isNavigation(c: Context<Env>): boolean {
  return (
    c.req.method === "GET" &&
    c.req.header("Sec-Fetch-Mode") === "navigate" &&
    c.req.header("Sec-Fetch-Dest") === "document"
  );
}

function withoutPort(host: string): string {
  return host.replace(/:\d*$/, "");
}

/** Host and port of an origin as in a `Host` header: without the default port of the scheme. */
function hostOf(origin: string): string | undefined {
  return URL.canParse(origin) ? new URL(origin).host : undefined;
}
