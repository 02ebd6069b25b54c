import type { z } from "zod";
import type { oas31, ZodOpenApiOperationObject, ZodOpenApiResponseObject } from "zod-openapi";
import { contractOf } from "../../domain/contract.ts";
import type { ContractChanges } from "../../domain/contract-rules.ts";
import type { Scope } from "../../domain/merchant.ts";
import type { RefusalCode } from "../../domain/refusal.ts";
import { scenarioNames } from "../../domain/scenario.ts";
import { json, type Surface, writeDocument } from "../openapi.ts";
import { error } from "./errors.ts";
import { paymentNotification, refundNotification } from "./notifications.ts";
import { followContract, webhookDescription } from "./openapi-contract.ts";
import { type Provenance, sources } from "./provenance.ts";
import { statusOf, statusUnder } from "./refusals.ts";
import { type ApiRoute, apiTags } from "./route.ts";
import { apiRoutes } from "./routes.ts";

const introduction = [
  "The responses of this sandbox in place of NomuPay's e-commerce API, payment method Alipay HK. " +
    "It is not affiliated with NomuPay or Alipay, and no money moves.",
  `Each part names its origin in \`x-source\`, and some sentences do so in brackets:\n${Object.entries(sources)
    .map(([source, meaning]) => `- \`${source}\`: ${meaning}`)
    .join("\n")}`,
  "Responses may get new members: clients should ignore members they do not know. `x-sandbox-values` lists the " +
    "values that this sandbox responds with where the provider may have more, and `x-codes` the codes of a refusal.",
  "A path that does not exist is answered with 404 (`x-unknown-path`), another method of a path with 405 " +
    "(`x-other-methods`). A request that is not readable HTTP is answered with 400 and an unsigned `Error` with the " +
    "code `invalid_request`. Every GET can also be sent as HEAD.",
].join("\n\n");

const signature: oas31.SecuritySchemeObject = {
  type: "apiKey",
  in: "header",
  name: "X-Signature",
  description:
    "A detached JWS, ES256: `{header}..{signature}`, with `alg`, `kid`, `aud` and `exp` in its header. It covers the " +
    "exact bytes of the body; without a body, the empty string. [plugin] `aud` is `{METHOD} {path?query}`, compared " +
    "exactly. [plugin] `exp` is in seconds and at most five minutes ahead. The sandbox also takes unsigned requests, " +
    "unless it is configured to require signatures. [ours]",
  "x-source": "docs",
};

/** The refusals of every operation, by the names of their components. */
const sharedRefusals = {
  Unauthorized: ["unauthorized"],
  Forbidden: ["forbidden_origin", "insufficient_scope"],
  InternalError: ["internal_error"],
} as const satisfies Record<string, readonly [RefusalCode, ...RefusalCode[]]>;

/** Description and provenance of a refusal, by its status. */
const refusalDescriptions: Readonly<Record<number, { readonly source: Provenance; readonly description: string }>> = {
  400: { source: "plugin", description: "The request is refused." },
  401: { source: "plugin", description: "The signature is wrong, or missing where it is required." },
  403: {
    source: "plugin",
    description:
      "The key does not have the required scope: inferred, because the provider names 403 without this cause. Or a " +
      "foreign web page sent the request. [ours]",
  },
  404: { source: "plugin", description: "The resource does not exist, or belongs to another merchant." },
  405: { source: "ours", description: "The path has other methods." },
  409: { source: "plugin", description: "The idempotency key was used for another request." },
  422: { source: "ours", description: "The body or the query is refused: a profile sets this status." },
  413: { source: "ours", description: "The body is too large." },
  429: { source: "plugin", description: "Too many requests. Here only a scenario causes it." },
  500: {
    source: "plugin",
    description: "A defect of the sandbox, or a scenario, or too little memory for a new payment.",
  },
};

/** Description of the refusal of an operation, if a profile gives it a status that usually has another meaning. */
const unsupported = {
  source: "ours",
  description: "Alipay HK does not have this operation. With 405, `Allow` is empty: no method of it is allowed.",
} as const;

const headers: Record<"X-Signature" | "X-Sandbox-Diagnosis", oas31.HeaderObject> = {
  "X-Signature": {
    description:
      "A detached JWS over the exact bytes of the body, HS256 with the shared secret: `{header}..{signature}`, with " +
      "`alg`, `kid` and `exp` in its header. During key rotation there is one line for each active key.",
    required: true,
    schema: { type: "string" },
    "x-source": "plugin",
  },
  "X-Sandbox-Diagnosis": {
    description:
      "The error in the request's signature or path and its remedy. On a success: the provider would refuse the " +
      "request, because it is unsigned, or the idempotency key has no effect, because it is not in `idempotencyKey`.",
    schema: { type: "string", maxLength: 1000, pattern: "^[ -~]*$" },
    "x-source": "ours",
  },
};

const allow: oas31.HeaderObject = {
  description: "The methods of the path.",
  required: true,
  schema: { type: "string" },
  "x-source": "ours",
};

const retryAfter: oas31.HeaderObject = {
  description: "Delay before the next try, in seconds.",
  required: true,
  schema: { type: "string", pattern: "^\\d+$" },
  "x-source": "ours",
};

function headersOf(status: number): oas31.HeadersObject {
  const shared = (name: keyof typeof headers) => ({ [name]: { $ref: `#/components/headers/${name}` } });
  return {
    ...shared("X-Signature"),
    ...(status < 300 || status === 401 || status === 404 ? shared("X-Sandbox-Diagnosis") : {}),
    ...(status === 405 ? { Allow: allow } : {}),
    ...(status === 429 ? { "Retry-After": retryAfter } : {}),
  };
}

/** @param codes refusals of one status. */
function describeRefusals(codes: readonly RefusalCode[], status: number): ZodOpenApiResponseObject {
  const usual = refusalDescriptions[status] ?? { source: "ours", description: "Refused." };
  const isUnsupported = status !== 400 && codes.includes("operation_not_supported");
  const { source, description } = isUnsupported ? unsupported : usual;
  return {
    description,
    "x-source": source,
    "x-codes": codes,
    headers: headersOf(status),
    content: { [json]: { schema: { $ref: "#/components/schemas/Error" } } },
  };
}

const describeRefusal = (code: RefusalCode) => describeRefusals([code], statusOf(code));

function refusalResponse(codes: readonly RefusalCode[], status: number) {
  const isShared = ([, all]: [string, readonly RefusalCode[]]) => codes.every((code) => all.includes(code));
  const [shared] = Object.entries(sharedRefusals).find(isShared) ?? [];
  if (shared === undefined) return describeRefusals(codes, status);
  return { $ref: `#/components/responses/${shared}` } as unknown as ZodOpenApiResponseObject;
}

/** A route with scenarios can also be refused for its header, or by a scenario. */
function refusalsOf({ method, scenario, refusals }: ApiRoute): readonly RefusalCode[] {
  return [
    ...new Set<RefusalCode>([
      ...(scenario === undefined ? refusals : (["invalid_request", ...refusals, "rate_limited"] as const)),
      ...(method === "GET" ? [] : (["payload_too_large"] as const)),
      ...(method === "GET" || scenario === undefined ? [] : (["idempotency_unavailable"] as const)),
      ...Object.values(sharedRefusals).flat(),
    ]),
  ];
}

const scenarioParameter: oas31.ParameterObject = {
  name: "X-Sandbox-Scenario",
  in: "header",
  required: false,
  description: "The scenario to apply to this request: a name of the sandbox's catalogue.",
  schema: { type: "string", enum: [...scenarioNames], "x-source": "ours" },
  "x-source": "ours",
};

/** The scope that a key needs. [plugin] */
function scopeOf({ method }: ApiRoute): Scope {
  return method === "GET" ? "payments:read" : "payments:create";
}

function webhook(type: string, schema: z.ZodType): ZodOpenApiOperationObject {
  return {
    operationId: `${type}Webhook`,
    tags: ["Webhooks"],
    summary: `A ${type} is no longer \`pending\``,
    description: webhookDescription(contractOf(undefined)),
    "x-source": "plugin",
    parameters: [
      {
        name: "X-Signature",
        in: "header",
        required: true,
        description: `${headers["X-Signature"].description} Its header also has \`aud\`: the URL of the endpoint.`,
        schema: { type: "string" },
        "x-source": "plugin",
      },
    ],
    requestBody: { required: true, "x-source": "plugin", content: { [json]: { schema } } },
    responses: {
      "2XX": { description: "Acknowledged.", "x-source": "docs" },
      "4XX": { description: "Not acknowledged, as any other response.", "x-source": "docs" },
    },
    security: [],
  };
}

const surface = (contract: ContractChanges | undefined): Surface<ApiRoute> => ({
  title: "Alipay HK sandbox",
  description: introduction,
  tags: { ...apiTags, Webhooks: "Requests of the sandbox to the merchant's endpoint." },
  routes: apiRoutes,
  prefix: "/v1",
  operation: (route) => ({
    security: [{ signature: [scopeOf(route)] }, {}],
    parameters: route.scenario === undefined ? [] : [scenarioParameter],
  }),
  pathParameters: {
    paymentId: { source: "plugin", description: "The payment's `id`." },
    trackId: { source: "seed", description: "The last part of a `trackingUrl`." },
    transactionId: { source: "plugin", description: "The transaction's `id`." },
    creditId: { source: "plugin", description: "Any id: no credit exists." },
    tokenId: { source: "plugin", description: "Any id: no token exists." },
  },
  refusals: refusalsOf,
  statusOf: (code, { method }) => (contract === undefined ? statusOf(code) : statusUnder(contract, code, method)),
  contract,
  refusalResponse,
  headers: headersOf,
  extra: {
    webhooks: {
      payment: { post: webhook("payment", paymentNotification()) },
      refund: { post: webhook("refund", refundNotification()) },
    },
    components: {
      headers,
      securitySchemes: { signature },
      schemas: { Error: error() },
      responses: Object.fromEntries(
        Object.entries(sharedRefusals).map(([name, codes]) => [name, describeRefusals(codes, statusOf(codes[0]))]),
      ),
    },
    "x-unknown-path": describeRefusal("not_found"),
    "x-other-methods": describeRefusal("method_not_allowed"),
  },
  // The library closes response schemas; here they stay open for new members of the provider.
  override: ({ jsonSchema, io }) => {
    if (io === "output") delete jsonSchema.additionalProperties;
  },
});

/**
 * The OpenAPI 3.1 document of the provider's API.
 * @param base base URL.
 * @param version the version of the sandbox.
 * @param contract the rules that differ from the defaults.
 */
export function openApiDocument(base: string, version: string, contract?: ContractChanges): oas31.OpenAPIObject {
  const document = writeDocument(surface(contract), base, version);
  followContract(document, contract);
  return document;
}
