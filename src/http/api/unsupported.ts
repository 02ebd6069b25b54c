import { Hono } from "hono";
import type { Env } from "../env.ts";
import { respondRefusal } from "../respond.ts";

/** What the provider offers for other methods and Alipay HK does not have [seed], with the provider's paths [plugin] and their relatives. */
export const unsupportedOperations: Readonly<Record<string, readonly string[]>> = {
  increments: ["POST /payments/:paymentId/increments", "GET /requests/increments", "GET /tracks/increments/:trackId"],
  captures: ["POST /payments/:paymentId/captures", "GET /requests/captures", "GET /tracks/captures/:trackId"],
  cancels: ["POST /payments/:paymentId/cancels", "GET /requests/cancels", "GET /tracks/cancels/:trackId"],
  credits: ["POST /credits", "GET /credits/:creditId", "GET /requests/credits", "GET /tracks/credits/:trackId"],
  tokens: ["POST /tokens", "GET /tokens/:tokenId", "PATCH /tokens/:tokenId", "GET /requests/tokens"],
};

/** Those of the paths that the provider's table of endpoints does not have: relatives of the others. [ours] */
export const unlistedPaths: readonly string[] = [
  "GET /tracks/increments/:trackId",
  "GET /tracks/captures/:trackId",
  "GET /tracks/cancels/:trackId",
  "GET /tracks/credits/:trackId",
  "GET /credits/:creditId",
  "GET /requests/tokens",
];

/** Every one of these paths answers, and says that the operation is not supported. It looks at no body. */
export function refuseUnsupported(): Hono<Env> {
  const app = new Hono<Env>();
  for (const [operation, routes] of Object.entries(unsupportedOperations)) {
    for (const route of routes) {
      const [method = "", path = ""] = route.split(" ");
      app.on(method, path, (c) => respondRefusal(c, { code: "operation_not_supported", operation }));
    }
  }
  return app;
}
