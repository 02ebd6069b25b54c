import { z } from "zod";
import { type KeptRequest, signatureVerdicts } from "../../domain/logged-request.ts";
import { accept } from "../../domain/refusal.ts";
import { type ScenarioName, scenarioTriggers } from "../../domain/scenario.ts";
import { presentTime } from "../api/fields.ts";
import { presentPage } from "../api/lists.ts";
import { respondRefusal } from "../respond.ts";
import { lazySchema, type Resource } from "../route.ts";
import { compact, listQuery, named, pageOf, processingAccountId, realMs, responseInstant, textOf } from "./fields.ts";
import { controlRoute } from "./route.ts";

const number = lazySchema(() =>
  z
    .number()
    .refine((value) => Number.isSafeInteger(value) && value >= 0, "must be a whole number, 0 or more")
    .optional(),
);

/** Conditions on a request. All of them must hold. */
const requestMatch = lazySchema(() =>
  z.strictObject({
    method: z
      .string()
      .refine((name) => /^[A-Z]+$/.test(name), "must be in upper case, like POST")
      .optional(),
    path: z
      .string()
      .refine((path) => /^\/[^?#]*$/.test(path), "must begin with / and have no query, which goes into match.query")
      .optional(),
    query: z.record(z.string(), z.string()).optional(),
    status: z
      .number()
      .refine((status) => Number.isInteger(status) && status >= 100 && status <= 599, "must be an HTTP status")
      .optional(),
    signature: z.enum(signatureVerdicts).optional(),
    body: z.unknown().optional(),
  }),
);

const verifyBody = lazySchema(() =>
  z
    .strictObject({
      processingAccountId: processingAccountId(),
      match: requestMatch(),
      atLeast: number(),
      atMost: number(),
      exactly: number(),
    })
    .refine(
      ({ atLeast, atMost, exactly }) => exactly === undefined || (atLeast === undefined && atMost === undefined),
      {
        path: ["exactly"],
        error: "must not be combined with atLeast or atMost",
      },
    )
    .refine(({ atLeast = 0, atMost = Number.POSITIVE_INFINITY }) => atLeast <= atMost, {
      path: ["atLeast"],
      error: "must not be more than atMost",
    })
    .transform(({ processingAccountId, match, ...wanted }) => ({ processingAccountId, match, wanted })),
);

const loggedRequest = lazySchema(() =>
  named(
    "LoggedRequest",
    "A request to the provider's API with its response.",
    z.object({
      id: z.string(),
      time: responseInstant().meta({ description: "Real time." }),
      method: z.string(),
      target: z.string().meta({ description: "Path and query." }),
      status: z.number(),
      durationMs: realMs(),
      signature: z.enum(signatureVerdicts).exactOptional(),
      sentSignature: z.string().exactOptional().meta({
        description: "A wrong `X-Signature` as received, if it is like an ES256 signature; else `redacted`.",
      }),
      diagnosis: z.string().exactOptional().meta({
        description: "The error in the signature, the path or the place of the idempotency key, and its remedy.",
      }),
      scenario: z
        .object({ name: textOf<ScenarioName>().exactOptional(), trigger: z.enum(scenarioTriggers) })
        .exactOptional()
        .meta({ description: "The scenario that applied; a scenario from an object has no name." }),
      body: z.string(),
      answer: z.string().meta({ description: "The first 4 KiB of the response." }),
      paymentId: z
        .string()
        .exactOptional()
        .meta({ description: "The payment that it created or that its path names." }),
      at: responseInstant().meta({ description: "World time." }),
    }),
  ),
);
/** A request to the provider's API with its response. */
export type RequestView = Resource<typeof loggedRequest>;

const requestPage = lazySchema(() => pageOf("LoggedRequests", loggedRequest()));

const count = lazySchema(() => named("Count", "The number of matching requests.", z.object({ count: z.number() })));

function presentRequest({ sequence, time, at, place: _, scenario, ...request }: KeptRequest): RequestView {
  return {
    id: String(sequence),
    time: presentTime(time),
    at: presentTime(at),
    ...compact(request),
    ...(scenario === undefined
      ? {}
      : { scenario: compact({ name: scenario.scenario.name, trigger: scenario.trigger }) }),
  };
}

const listName = "requests";

const listRequests = controlRoute({
  method: "GET",
  path: "/requests",
  operationId: "listRequests",
  tag: "Requests",
  inWorld: true,
  summary: "List the last requests of a world",
  description: "At most 1,000 and 8 MiB. Requests of no world belong to the demo world. Secrets are redacted.",
  query: () => z.strictObject(listQuery(listName)),
  responses: { 200: { description: "One page.", schema: requestPage } },
  refusals: ["invalid_request", "not_found"],
  handler: async ({ query }, { requestLog, worlds }) => {
    const world = await worlds.find(query.processingAccountId);
    if (!world.ok) return world;
    const page = await requestLog.page(world.value.processingAccountId, query);
    return accept(presentPage(listName, page, presentRequest));
  },
});

const verifyRequests = controlRoute({
  method: "POST",
  path: "/requests/verify",
  operationId: "verifyRequests",
  tag: "Requests",
  inWorld: true,
  summary: "Count the requests that match",
  description: "All members of `match` must match. By default at least one request is expected.",
  body: { schema: verifyBody, example: { match: { method: "POST", path: "/v1/payments" }, exactly: 1 } },
  responses: { 200: { description: "The expected number of requests.", schema: count } },
  refusals: ["invalid_request", "not_found", "not_matched"],
  handler: async ({ c, body: { processingAccountId, match, wanted } }, { requestLog, worlds }) => {
    const world = await worlds.find(processingAccountId);
    if (!world.ok) return world;
    const found = await requestLog.verify(world.value.processingAccountId, match, wanted);
    if (found.ok) return accept({ count: found.count });
    return respondRefusal(c, {
      code: "not_matched",
      count: found.count,
      wanted: found.wanted,
      nearest: found.nearest.map(({ request, differences }) => ({ request: presentRequest(request), differences })),
    });
  },
});

export const loggedRequestRoutes = [listRequests, verifyRequests] as const;
