import type { MiddlewareHandler } from "hono";
import type { Env } from "../env.ts";

/** The start of each attribute of a page that has a path of the sandbox. Texts in a page have no plain quotes. */
const pathInPage = /\s(?:href|src|action|data-live|data-events|data-state)="(?=\/(?!\/))/g;

/**
 * Puts the path of the public URL in front of the paths in pages, redirects and cookies. The proxy removes it from
 * requests, so that the routes do not know it.
 */
export function addBasePath(basePath: string): MiddlewareHandler<Env> {
  return async (c, next) => {
    await next();
    const { headers } = c.res;
    const location = headers.get("Location");
    if (location?.startsWith("/")) headers.set("Location", basePath + location);
    const cookies = headers.getSetCookie();
    headers.delete("Set-Cookie");
    for (const cookie of cookies)
      headers.append("Set-Cookie", cookie.replace(/; Path=\/(?=;|$)/, `; Path=${basePath}`));
    if (!headers.get("Content-Type")?.startsWith("text/html")) return;
    const page = await c.res.text();
    c.res = new Response(page.replace(pathInPage, `$&${basePath}`), { status: c.res.status, headers });
  };
}
