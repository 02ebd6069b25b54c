import { z } from "zod";
import { accept } from "../../domain/refusal.ts";
import { seedOrigins } from "../../domain/stored-seed.ts";
import { respond } from "../respond.ts";
import { lazySchema, type Resource } from "../route.ts";
import { named } from "./fields.ts";
import { controlRoute } from "./route.ts";

const origins =
  "Origin of the keys of the configured merchants. `default`: a public seed, so anyone can compute the keys.";

const state = () => ({
  version: z.string(),
  store: z.string(),
  seed: z.enum(seedOrigins).meta({ description: origins }),
  uptimeSeconds: z.number(),
});

const health = lazySchema(() =>
  named("Health", "The process runs.", z.object({ status: z.literal("ok"), ...state() })),
);

const ready = lazySchema(() =>
  named("Ready", "The sandbox serves requests.", z.object({ status: z.literal("ready"), ...state() })),
);

const notReady = lazySchema(() =>
  named(
    "NotReady",
    "The sandbox does not serve requests: it is shutting down, or its database is unreachable.",
    z.object({ status: z.enum(["closing", "store_unavailable"]), ...state() }),
  ),
);

const openApiDocument = lazySchema(() => z.looseObject({ openapi: z.string() }));

const getHealth = controlRoute({
  method: "GET",
  path: "/health",
  operationId: "getHealth",
  tag: "Sandbox",
  access: "open",
  summary: "Check liveness",
  responses: { 200: { description: "The process runs.", schema: health } },
  refusals: ["invalid_request"],
  handler: (_, services) => accept({ status: "ok", ...services.health() }),
});

const getReady = controlRoute({
  method: "GET",
  path: "/ready",
  operationId: "getReady",
  tag: "Sandbox",
  access: "open",
  summary: "Check readiness",
  responses: {
    200: { description: "The sandbox serves requests.", schema: ready },
    503: { description: "The sandbox is shutting down, or its database is unreachable.", schema: notReady },
  },
  refusals: ["invalid_request"],
  handler: async ({ c }, services) => {
    const status = await services.readiness();
    if (status === "ready") return accept({ status, ...services.health() });
    return respond(c, 503, { status, ...services.health() } satisfies Resource<typeof notReady>);
  },
});

const getControlDocument = controlRoute({
  method: "GET",
  path: "/openapi.json",
  operationId: "getControlDocument",
  tag: "Sandbox",
  access: "open",
  summary: "Read this document",
  responses: { 200: { description: "OpenAPI 3.1.", schema: openApiDocument } },
  refusals: ["invalid_request"],
  handler: async ({ c, base }, services) => respond(c, 200, await services.controlDocument(base)),
});

export const healthRoutes = [getHealth, getReady, getControlDocument] as const;
