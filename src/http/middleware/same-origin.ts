import type { Context, MiddlewareHandler } from "hono";
import { getCookie } from "hono/cookie";
import type { Sessions } from "../../services/observing/sessions.ts";
import { type Env, isFromSocket } from "../env.ts";
import { respondRefusal } from "../respond.ts";

/** Who may drive the sandbox through a socket. */
export interface Gate {
  /** Host names beyond the built-in ones, without port. */
  readonly allowHosts: readonly string[];
  /** Host and port of the public URL, where there is one: its pages are the sandbox's own. */
  readonly publicHost: string | undefined;
  /** Absent where no token is asked for. */
  readonly isAdminToken: ((token: string) => boolean) | undefined;
  /** Who has signed in with it. */
  readonly sessions: Pick<Sessions, "begin" | "has" | "end">;
}

const localName = /^([^.]+|.+\.(localhost|internal|test|svc|svc\.cluster\.local))$/;
const ipLiteral = /^(\d{1,3}(\.\d{1,3}){3}|\[[0-9a-f:.]+\])$/;

/**
 * Refuses what a foreign web page sends, by name or by origin, so that no page can drive a developer's sandbox.
 * @param toPages lets a person follow a link from elsewhere to a page.
 */
export function sameOrigin({ allowHosts, publicHost }: Gate, toPages = false): MiddlewareHandler<Env> {
  return async (c, next) => {
    if (!isFromSocket(c)) return next();
    const host = c.req.header("Host")?.toLowerCase() ?? "";
    const name = withoutPort(host);
    const listed = allowHosts.includes(name) || (publicHost !== undefined && name === withoutPort(publicHost));
    if (!localName.test(name) && !ipLiteral.test(name) && !listed) {
      return respondRefusal(c, { code: "forbidden_origin", cause: "host", value: name });
    }
    const origin = c.req.header("Origin");
    const own = origin === undefined ? undefined : hostOf(origin);
    if (origin !== undefined && (own === undefined || (own !== host && own !== publicHost))) {
      return respondRefusal(c, { code: "forbidden_origin", cause: "origin", value: origin });
    }
    if (c.req.header("Sec-Fetch-Site") === "cross-site" && !(toPages && isNavigation(c))) {
      return respondRefusal(c, { code: "forbidden_origin", cause: "origin", value: "another site" });
    }
    return next();
  };
}

/** Asks for the admin token, where there is one. Of all that is behind it, a session opens the events alone. */
export function requireAdminToken(gate: Gate): MiddlewareHandler<Env> {
  return async (c, next) => {
    const isListening = c.req.method === "GET" && c.req.path === "/_sandbox/events";
    if (mayDrive(c, gate) || (isListening && (await hasSession(c, gate)))) return next();
    c.header("WWW-Authenticate", 'Bearer realm="sandbox"');
    return respondRefusal(c, { code: "admin_token_required" });
  };
}

/** Whether no admin token is asked for, or the request brings it. */
export function mayDrive(c: Context<Env>, { isAdminToken }: Gate): boolean {
  if (isAdminToken === undefined || !isFromSocket(c)) return true;
  const token = /^Bearer (.+)$/i.exec(c.req.header("Authorization") ?? "")?.[1];
  return token !== undefined && isAdminToken(token);
}

/** Whether the request comes from somebody who has signed in. */
export async function hasSession(c: Context<Env>, { sessions }: Gate): Promise<boolean> {
  const session = sessionOf(c);
  return session !== undefined && sessions.has(session);
}

/** The session that a request's cookie names. */
export function sessionOf(c: Context<Env>): string | undefined {
  return getCookie(c, sessionCookie(c));
}

/** Cookies know no ports, and a machine may run several sandboxes: the port is in the name. */
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

/** Host and port of an origin, spelled as in a `Host` header: without the scheme's default port. */
function hostOf(origin: string): string | undefined {
  return URL.canParse(origin) ? new URL(origin).host : undefined;
}
