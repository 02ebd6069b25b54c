import { Hono } from "hono";
import { methodNotAllowed } from "hono/method-not-allowed";
import type { Deliveries } from "../services/scheduling/deliveries.ts";
import type { PipelineParts } from "./api/pipeline.ts";
import type { ApiServices } from "./api/route.ts";
import { advisePath, apiRouter } from "./api/router.ts";
import { type ControlParts, controlRouter } from "./control/router.ts";
import { docsRoutes, loadControlDocument } from "./docs/routes.ts";
import { type Env, requestTarget, type SocketBindings } from "./env.ts";
import { inspectorRoutes } from "./inspector/routes.ts";
import { addBasePath } from "./middleware/base-path.ts";
import { logRequests } from "./middleware/log-requests.ts";
import { readBody } from "./middleware/read-body.ts";
import { sameOrigin } from "./middleware/same-origin.ts";
import { pageRoutes, respondMissingPage } from "./pages/routes.ts";
import { asksForPage, respondRefusal } from "./respond.ts";

/** The services and settings behind all surfaces. */
export interface AppParts extends PipelineParts, ApiServices, Omit<ControlParts, "controlDocument"> {
  /** Allowed frame ancestors of the payer's pages, as a source list of a content security policy. */
  readonly frameAncestors: string;
  /** How long a status request of an up-to-date page is held, in milliseconds. */
  readonly heldStatusMaxMs: number;
  readonly deliveries: Deliveries;
  /** The version of the sandbox. */
  readonly version: string;
  /** The demo shop at `/demo`, if enabled. */
  readonly shop: ((request: Request) => Promise<Response>) | undefined;
}

/** Answers every request: those of the provider's API, and those of the other surfaces. */
export interface App {
  readonly routes: Hono<Env>["routes"];
  fetch(request: Request, bindings: SocketBindings): Response | Promise<Response>;
}

export function createApp(parts: AppParts): App {
  const api = apiRouter(parts, parts);
  const surfaces = surfacesApp(parts, api);
  const ofApi = /^[^:]+:\/\/[^/]+\/v1(?:[/?#]|$)/;
  return {
    routes: [...api.routes, ...surfaces.routes],
    fetch: (request, bindings) => (ofApi.test(request.url) ? api : surfaces).fetch(request, bindings),
  };
}

/**
 * All surfaces besides the provider's API, with their middleware in order.
 * @param api answers requests whose path is like one of its own.
 */
function surfacesApp(parts: AppParts, api: Hono<Env>): Hono<Env> {
  const { addresses, gate, version } = parts;
  const app = new Hono<Env>();
  app.use(logRequests(parts.onRequest));
  if (addresses.basePath !== "") app.use(addBasePath(addresses.basePath));
  app.use("/_sandbox/*", sameOrigin(gate));
  app.use(
    methodNotAllowed({
      app,
      onMethodNotAllowed: (c, allow) => {
        if (!asksForPage(c)) return respondRefusal(c, { code: "method_not_allowed", allow });
        c.header("Allow", allow.join(", "));
        return respondMissingPage(c, parts.shop !== undefined, 405);
      },
    }),
  );

  app.use("/pay/*", readBody(parts.bodyMaxBytes));
  app.use("/wallet/*", readBody(parts.bodyMaxBytes));
  app.route("/", pageRoutes(parts));
  app.use("/openapi.json", sameOrigin(gate));
  app.use("/docs/*", sameOrigin(gate, true));
  app.route("/", docsRoutes(addresses, version, parts.settings.contract));
  app.route("/", inspectorRoutes({ ...parts, sendToApi: async (request) => api.fetch(request, {}) }));

  if (parts.shop !== undefined) app.route("/demo", shopRoutes(parts, parts.shop));

  app.route("/_sandbox", controlRouter({ ...parts, controlDocument: (base) => loadControlDocument(base, version) }));

  app.notFound((c) => {
    if (advisePath(parts, requestTarget(c)) === undefined) {
      if (asksForPage(c)) return respondMissingPage(c, parts.shop !== undefined, 404);
      return respondRefusal(c, { code: "not_found" });
    }
    c.set("isLogged", true);
    return api.fetch(c.req.raw, c.env);
  });
  app.onError((error, c) => {
    parts.onDefect(error);
    return respondRefusal(c, { code: "internal_error" });
  });
  return app;
}

/** The demo shop. Webhooks and returning payers come from other sites; all other requests must not. */
function shopRoutes({ gate, bodyMaxBytes }: AppParts, shop: NonNullable<AppParts["shop"]>): Hono<Env> {
  const fromOtherSites = /^\/demo\/(webhooks|orders\/[^/]*\/return)$/;
  const checkOrigin = sameOrigin(gate, true);
  return new Hono<Env>()
    .use((c, next) => (fromOtherSites.test(c.req.path) ? next() : checkOrigin(c, next)), readBody(bodyMaxBytes))
    .all("/*", (c) => {
      const { method, url, headers } = c.req.raw;
      const body = ["GET", "HEAD"].includes(method) ? {} : { body: c.get("body") };
      return shop(new Request(url, { method, headers, ...body }));
    });
}
