import type { MiddlewareHandler } from "hono";
import type { LoggedRequest } from "../../domain/logged-request.ts";
import { type Env, requestTarget } from "../env.ts";

/** Receives every request, for the console. */
export type OnRequest = (line: Pick<LoggedRequest, "method" | "target" | "status" | "diagnosis">) => void;

/** Paths that supervisors request every few seconds. */
export const healthChecks: readonly string[] = ["/_sandbox/health", "/_sandbox/ready"];

/** Paths whose requests are reported when their status changes. An open page of the shop polls the last one. */
const polledPaths = [...healthChecks, "/demo/state"];

/** Reports each request when it is answered, except those of polled paths. */
export function logRequests(onRequest: OnRequest): MiddlewareHandler<Env> {
  const statuses = new Map<string, number>(polledPaths.map((path) => [path, 200]));
  return async (c, next) => {
    await next();
    if (c.get("isLogged")) return;
    const { path } = c.req;
    if (statuses.has(path)) {
      if (statuses.get(path) === c.res.status) return;
      statuses.set(path, c.res.status);
    }
    onRequest({ method: c.req.method, target: requestTarget(c), status: c.res.status, diagnosis: undefined });
  };
}
