import { type Context, Hono } from "hono";
import { accept } from "../../domain/refusal.ts";
import { type Env, queryOf, requestOrigin } from "../env.ts";
import { readScenarioHeader } from "../middleware/faults.ts";
import { registerRoute } from "../route.ts";
import { parseRequest, parseValue } from "../validate.ts";
import type { ApiRoute, ApiServices } from "./route.ts";
import { apiRoutes } from "./routes.ts";

/** All routes of the provider's API. */
export function apiRouter(services: ApiServices): Hono<Env> {
  const app = new Hono<Env>();
  for (const route of apiRoutes) {
    const header = route.scenario === undefined ? [] : [readScenarioHeader(route.scenario)];
    registerRoute(app, route, services, (c) => readInput(c, route, services), header);
  }
  return app;
}

/** Validates query and body together. Unknown members are ignored. */
function readInput(c: Context<Env>, { query, body }: ApiRoute, { addresses }: ApiServices) {
  const checked =
    body === undefined
      ? parseQuery(query, queryOf(c))
      : parseRequest({ query: query?.(), body: body.schema() }, c.get("body"), queryOf(c));
  if (!checked.ok) return checked;
  const base = addresses.base(requestOrigin(c));
  return accept({ ...checked.value, base, caller: c.get("authentication").caller, asked: c.get("asked") });
}

function parseQuery(schema: ApiRoute["query"], given: Record<string, string>) {
  const query = schema === undefined ? accept(undefined) : parseValue(schema(), given);
  return query.ok ? accept({ query: query.value, body: undefined, json: undefined }) : query;
}
