import type { MiddlewareHandler } from "hono";
import type { LoggedRequest } from "../../domain/logged-request.ts";
import type { NewRequest } from "../../services/observing/request-log.ts";
import { type Env, requestTarget } from "../env.ts";

/** Receives every request, and those to the provider's API with their bodies. */
export interface RequestListener {
  /** Real time, in milliseconds. */
  now(): number;
  onRequest(line: Pick<LoggedRequest, "method" | "target" | "status" | "diagnosis">): void;
  onApiRequest(worlds: readonly string[], request: NewRequest): Promise<void>;
}

/** Maximum logged part of a response, in bytes. */
const answerMaxBytes = 4096;

export function logRequests(listener: RequestListener): MiddlewareHandler<Env> {
  return async (c, next) => {
    const time = listener.now();
    await next();
    const authentication = c.get("authentication");
    const diagnosis = authentication?.diagnosis;
    const line = { method: c.req.method, target: requestTarget(c), status: c.res.status, diagnosis };
    listener.onRequest(line);
    if (!c.req.path.startsWith("/v1/")) return;
    await listener.onApiRequest(authentication?.logWorlds ?? [], {
      ...line,
      diagnosis: authentication?.loggedDiagnosis,
      time,
      durationMs: listener.now() - time,
      signature: authentication?.verdict,
      scenario: c.get("appliedScenario"),
      body: new TextDecoder().decode(c.get("body")),
      answer: new TextDecoder().decode(c.get("answer")?.subarray(0, answerMaxBytes)),
      paymentId: c.get("madePaymentId") ?? authentication?.paymentId,
    });
  };
}
