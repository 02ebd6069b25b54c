import type { MiddlewareHandler } from "hono";
import type { LoggedRequest } from "../../domain/logged-request.ts";
import { type Env, requestTarget } from "../env.ts";

/** Receives every request, for the console. */
export type OnRequest = (line: Pick<LoggedRequest, "method" | "target" | "status" | "diagnosis">) => void;

export function logRequests(onRequest: OnRequest): MiddlewareHandler<Env> {
  return async (c, next) => {
    await next();
    if (c.get("isLogged")) return;
    onRequest({ method: c.req.method, target: requestTarget(c), status: c.res.status, diagnosis: undefined });
  };
}
