import { refuse } from "../../domain/refusal.ts";
import type { Method } from "../route.ts";
import type { Provenance } from "./provenance.ts";
import { apiRoute } from "./route.ts";

type UnsupportedRoute = readonly [method: Method, path: string, source: Provenance];

/**
 * Operations for other payment methods, which Alipay HK does not have. [seed] `plugin` marks the paths in the
 * provider's table of endpoints, `ours` their relatives.
 */
const unsupportedOperations: Readonly<Record<string, readonly UnsupportedRoute[]>> = {
  increments: [
    ["POST", "/payments/{paymentId}/increments", "plugin"],
    ["GET", "/requests/increments", "plugin"],
    ["GET", "/tracks/increments/{trackId}", "ours"],
  ],
  captures: [
    ["POST", "/payments/{paymentId}/captures", "plugin"],
    ["GET", "/requests/captures", "plugin"],
    ["GET", "/tracks/captures/{trackId}", "ours"],
  ],
  cancels: [
    ["POST", "/payments/{paymentId}/cancels", "plugin"],
    ["GET", "/requests/cancels", "plugin"],
    ["GET", "/tracks/cancels/{trackId}", "ours"],
  ],
  credits: [
    ["POST", "/credits", "plugin"],
    ["GET", "/credits/{creditId}", "ours"],
    ["GET", "/requests/credits", "plugin"],
    ["GET", "/tracks/credits/{trackId}", "ours"],
  ],
  tokens: [
    ["POST", "/tokens", "plugin"],
    ["GET", "/tokens/{tokenId}", "plugin"],
    ["PATCH", "/tokens/{tokenId}", "plugin"],
    ["GET", "/requests/tokens", "ours"],
  ],
};

/** Refuses an operation without reading the request. */
function unsupportedRoute(operation: string, [method, path, source]: UnsupportedRoute) {
  const words = path
    .split("/")
    .slice(1)
    .map((word) => word.replace(/\W/g, ""));
  return apiRoute({
    method,
    path,
    operationId: [method.toLowerCase(), ...words.map((word) => word.charAt(0).toUpperCase() + word.slice(1))].join(""),
    tag: "Not supported",
    summary: `Refused: Alipay HK has no ${operation}`,
    source,
    responses: {},
    refusals: ["operation_not_supported"],
    handler: () => refuse({ code: "operation_not_supported", operation }),
  });
}

export const unsupportedRoutes = Object.entries(unsupportedOperations).flatMap(([operation, routes]) =>
  routes.map((route) => unsupportedRoute(operation, route)),
);
