import type { MiddlewareHandler } from "hono";
import { type Env, requestTarget } from "../env.ts";

/** One request, as the log tells it. */
export interface RequestLine {
  readonly method: string;
  readonly target: string;
  readonly status: number;
  readonly diagnosis?: string;
}

export function logRequests(onRequest: (line: RequestLine) => void): MiddlewareHandler<Env> {
  return async (c, next) => {
    await next();
    const diagnosis = c.get("diagnosis");
    const line = { method: c.req.method, target: requestTarget(c), status: c.res.status };
    onRequest(diagnosis === undefined ? line : { ...line, diagnosis });
  };
}
