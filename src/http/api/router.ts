import { type Context, Hono, type NotFoundHandler } from "hono";
import { accept, type Refusal } from "../../domain/refusal.ts";
import { type Env, headerOf, queryOf, requestOrigin, requestTarget } from "../env.ts";
import { respondRefusal } from "../respond.ts";
import { routerPath, successStatus } from "../route.ts";
import { parseRequest, parseValue } from "../validate.ts";
import { answerJson, answerRefusal } from "./answer.ts";
import { type ApiCall, handleApiRequest, type PipelineParts, type Respond } from "./pipeline.ts";
import type { ApiRoute, ApiServices } from "./route.ts";
import { apiRoutes } from "./routes.ts";
import { scenarioByHeader, scenarioHeader } from "./scenarios.ts";

/** All routes of the provider's API. Another method on their paths gets 405, another path 404. */
export function apiRouter(services: ApiServices, parts: PipelineParts): Hono<Env> {
  const app = new Hono<Env>();
  for (const route of apiRoutes) {
    app.on(
      route.method,
      [`/v1${routerPath(route)}`],
      handleApiRequest(parts, respondWith(route, services), route.advise),
    );
  }
  app.onError((error, c) => {
    parts.onDefect(error);
    return respondRefusal(c, { code: "internal_error" });
  });
  const advise = (c: Context<Env>) => advisePath(parts, requestTarget(c));
  const respond = ({ c }: ApiCall) => answerRefusal(unknownRoute(c.req.path, advise(c)));
  return app.notFound(handleApiRequest(parts, respond, advise) as NotFoundHandler<Env>);
}

/** What to change in a path that is none of the API's; `undefined` if it is not like one. */
export function advisePath({ signatures }: PipelineParts, target: string): string | undefined {
  const corrected = signatures.correctPath(target);
  if (corrected === undefined) return undefined;
  const names = corrected.path.split("/").slice(2);
  return apiRoutes.some((route) => matches(route, names)) ? corrected.sentence : undefined;
}

/** The refusal of a request that no route takes. */
function unknownRoute(path: string, advice: string | undefined): Refusal {
  if (advice !== undefined) return { code: "not_found", advice };
  const names = path.split("/").slice(2);
  const methods = apiRoutes.filter((route) => matches(route, names)).map(({ method }) => method);
  const allow = [...new Set(methods.flatMap((method) => (method === "GET" ? ["GET", "HEAD"] : [method])))];
  return allow.length === 0 ? { code: "not_found" } : { code: "method_not_allowed", allow };
}

function matches({ path }: ApiRoute, names: readonly string[]): boolean {
  const parts = path.split("/").slice(1);
  return (
    parts.length === names.length &&
    parts.every((part, at) => part === names[at] || (part.startsWith("{") && names[at] !== ""))
  );
}

/** Answers by a route: reads the scenario, the query and the body, and presents the result of the handler. */
function respondWith(route: ApiRoute, services: ApiServices): Respond {
  const status = successStatus(route);
  return async (call) => {
    const { c, unit, trace, authentication } = call;
    const { contract } = authentication;
    const input = readInput(call, route, services);
    if (!input.ok) return answerRefusal(input.refusal, contract, route.method);
    const { path } = c.req;
    const request = { unit, trace, path, params: c.req.param(), ...input.value };
    const result = await route.handler(request, services);
    return result.ok ? answerJson(status, result.value) : answerRefusal(result.refusal, contract, route.method);
  };
}

/** Validates query and body together. Unknown members are ignored. */
function readInput(call: ApiCall, route: ApiRoute, { addresses }: ApiServices) {
  const { c, authentication } = call;
  const asked =
    route.scenario === undefined
      ? accept(undefined)
      : scenarioByHeader(headerOf(c, scenarioHeader.toLowerCase()), route.scenario);
  if (!asked.ok) return asked;
  const checked = parseInput(call, route);
  if (!checked.ok) return checked;
  const base = addresses.base(requestOrigin(c));
  return accept({ base, caller: authentication.caller, asked: asked.value, ...checked.value });
}

function parseInput({ c, json, authentication: { contract } }: ApiCall, { query, body }: ApiRoute) {
  if (body !== undefined) return parseRequest({ query: query?.(), body: body.schema(contract) }, json, queryOf(c));
  const parsed = query === undefined ? accept(undefined) : parseValue(query(), queryOf(c));
  return parsed.ok ? accept({ query: parsed.value, body: undefined, json: undefined }) : parsed;
}
