import { accept, invalidMember, type Result, refuse } from "../../domain/refusal.ts";
import type { OwnedKind } from "../../services/worlds/worlds.ts";
import type { ControlRoute } from "./route.ts";
import { controlRoutes } from "./routes.ts";

/** A route at one of its paths. */
export interface MountedRoute extends ControlRoute {
  /** Where the request may repeat the id of the world in its path. */
  readonly worldIn?: "query" | "body";
}

const worldPath = "/worlds/{processingAccountId}";

/** The record that a path parameter names. */
const kindOfParameter: Readonly<Record<string, OwnedKind>> = {
  paymentId: "payment",
  refundId: "refund",
  notificationId: "notification",
  kid: "credential",
};

/**
 * Every path of the control surface, in the order of the OpenAPI document: a path within a world comes before the same
 * route at the root.
 */
export const mountedRoutes: readonly MountedRoute[] = controlRoutes.flatMap((route: ControlRoute) =>
  route.inWorld ? [withinWorld(route), route] : [route],
);

/** Whether a path is within a world, such as `/worlds/{processingAccountId}/clock`. */
export function isWithinWorld(path: string): boolean {
  return path.startsWith(`${worldPath}/`);
}

function withinWorld(route: ControlRoute): MountedRoute {
  const { method, path, operationId } = route;
  const subject = Object.entries(kindOfParameter).find(([name]) => path.includes(`{${name}}`));
  const mounted = { ...route, path: worldPath + path, operationId: `${operationId.replace(/OfWorld$/, "")}InWorld` };
  if (subject === undefined) return { ...mounted, worldIn: method === "GET" || method === "DELETE" ? "query" : "body" };
  const [name, kind] = subject;
  return {
    ...mounted,
    handler: async (request, services) => {
      const params = request.params as Readonly<Record<string, string>>;
      const { processingAccountId = "", [name]: id = "" } = params;
      // After the end of the sandbox a wait says so, and the store cannot be read.
      const isOpen = services.arrivals.refusalAfterClose() === undefined;
      if (isOpen && !(await services.worlds.owns(processingAccountId, kind, id))) return refuse({ code: "not_found" });
      return route.handler(request, services);
    },
  };
}

/**
 * Adds the id of the world in the path to a query or body. A snapshot names its world itself. Refuses with
 * `invalid_request` if the query or body names another world.
 */
export function nameWorld(given: unknown, processingAccountId: string, { isSnapshot }: ControlRoute): Result<unknown> {
  if (typeof given !== "object" || given === null || Array.isArray(given)) return accept(given);
  if (Object.hasOwn(given, "processingAccountId")) {
    const { processingAccountId: named } = given as { readonly processingAccountId: unknown };
    if (named === processingAccountId) return accept(given);
    const complaint = `must be ${JSON.stringify(processingAccountId)}, the world in the path`;
    return refuse(invalidMember("processingAccountId", complaint));
  }
  return accept(isSnapshot ? given : { ...given, processingAccountId });
}
