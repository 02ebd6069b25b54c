import type { Context, MiddlewareHandler } from "hono";
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

/** Asks for the admin token, where there is one. */
export function requireAdminToken({ isAdminToken }: Gate): MiddlewareHandler<Env> {
  return async (c, next) => {
    if (isAdminToken === undefined || !isFromSocket(c)) return next();
    const token = /^Bearer (.+)$/i.exec(c.req.header("Authorization") ?? "")?.[1];
    if (token === undefined || !isAdminToken(token)) {
      c.header("WWW-Authenticate", 'Bearer realm="sandbox"');
      return respondRefusal(c, { code: "admin_token_required" });
    }
    return next();
  };
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
