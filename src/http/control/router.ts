import { type Context, Hono } from "hono";
import { z } from "zod";
import { accept } from "../../domain/refusal.ts";
import { type Env, queryOf, requestOrigin } from "../env.ts";
import { readBody } from "../middleware/read-body.ts";
import { type Gate, requireAdminToken } from "../middleware/same-origin.ts";
import { lazySchema, registerRoute } from "../route.ts";
import { parseControlBody, parseValue } from "../validate.ts";
import { type MountedRoute, mountedRoutes, nameWorld } from "./in-world.ts";
import type { ControlServices } from "./services.ts";

/** Limits and checks of the control surface. */
export interface ControlParts extends ControlServices {
  readonly gate: Gate;
  readonly controlBodyMaxBytes: number;
  readonly controlListMax: number;
}

/** All routes of the control surface. Paths that do not exist need the admin token too. */
export function controlRouter(parts: ControlParts): Hono<Env> {
  const { gate, controlBodyMaxBytes, snapshotMaxBytes } = parts;
  const app = new Hono<Env>();
  const register = (route: MountedRoute) => {
    const checks = [
      ...(route.access === "session" ? [requireAdminToken(gate, true)] : []),
      readBody(route.isSnapshot ? snapshotMaxBytes : controlBodyMaxBytes),
    ];
    registerRoute(app, route, parts, (c) => readInput(c, route, parts), checks);
  };
  for (const route of mountedRoutes) if (route.access !== undefined) register(route);
  app.use("/*", requireAdminToken(gate));
  for (const route of mountedRoutes) if (route.access === undefined) register(route);
  return app;
}

const nothing = lazySchema(() => z.strictObject({}));

/** Validates query and body. A route refuses a query or body that it does not describe; an empty body is none. */
function readInput(c: Context<Env>, route: MountedRoute, parts: ControlParts) {
  const { method, query, body, isSnapshot, worldIn } = route;
  const { addresses, controlListMax, snapshotMaxValues } = parts;
  const named = (part: MountedRoute["worldIn"]) => (given: unknown) =>
    worldIn === part ? nameWorld(given, c.req.param("processingAccountId") ?? "", route) : accept(given);
  const readQuery = () => {
    const given = named("query")(queryOf(c));
    return given.ok ? parseValue((query ?? nothing)(), given.value) : given;
  };
  const readJson = () =>
    parseControlBody((body?.schema ?? nothing)(), c.get("body"), {
      mayBeEmpty: body === undefined || body.optional === true,
      ...(isSnapshot ? { valuesMax: snapshotMaxValues } : { itemsMax: controlListMax }),
      prepare: named("body"),
    });
  // The part that the method does not use is checked first.
  const early = method === "GET" || method === "DELETE" ? readJson() : readQuery();
  if (!early.ok) return early;
  const late = method === "GET" || method === "DELETE" ? readQuery() : readJson();
  if (!late.ok) return late;
  const [first, second] = method === "GET" || method === "DELETE" ? [late, early] : [early, late];
  return accept({ query: first.value, body: second.value, base: addresses.base(requestOrigin(c)) });
}
