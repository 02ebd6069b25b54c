import type { z } from "zod";
import {
  createDocument,
  type oas31,
  type ZodOpenApiOperationObject,
  type ZodOpenApiResponseObject,
  type ZodOpenApiResponsesObject,
} from "zod-openapi";
import type { RefusalCode } from "../../domain/refusal.ts";
import { scenarioNames } from "../../domain/scenario.ts";
import { type Operation, operations, pathParameters, scopeOf, tags } from "./operations.ts";
import { type Provenance, sources } from "./provenance.ts";
import { statusOf } from "./refusals.ts";
import { error, paymentNotification, refundNotification } from "./responses.ts";

const json = "application/json";

const introduction = `What this sandbox answers in place of NomuPay's e-commerce API, payment method Alipay HK. It is not affiliated with NomuPay or Alipay, and no money moves.

Each part says in \`x-source\` where it is known from, and some sentences do so in brackets:
${Object.entries(sources)
  .map(([source, words]) => `- \`${source}\`: ${words}`)
  .join("\n")}

Answers may grow new members, so a client should ignore what it does not know. \`x-sandbox-values\` names the values that this sandbox answers with where the provider may have more, and \`x-codes\` the codes of a refusal.

A path that is not here is answered 404 (\`x-unknown-path\`), another method of a path 405 (\`x-other-methods\`). What is not readable HTTP is answered 400 with an \`Error\` of the code \`invalid_request\`, unsigned. GET can be asked as HEAD.`;

const webhooksTag = "What the sandbox sends to the merchant's endpoint.";

const signature: oas31.SecuritySchemeObject = {
  type: "apiKey",
  in: "header",
  name: "X-Signature",
  description:
    "A detached JWS over the exact bytes of the body (nothing, where there is none), ES256: `{header}..{signature}`, with `alg`, `kid`, `aud` and `exp` in its header. `aud` is `{METHOD} {path?query}`, `exp` in seconds and at most five minutes ahead. The sandbox takes unsigned requests too, unless it is told to require signatures. [ours]",
  "x-source": "docs",
};

/** The refusals that every operation may answer with, by the names of their components. */
const everywhere = {
  Unauthorized: "unauthorized",
  InsufficientScope: "insufficient_scope",
  InternalError: "internal_error",
} as const satisfies Record<string, RefusalCode>;

const everywhereResponses = Object.fromEntries(
  Object.entries(everywhere).map(([name, code]) => [statusOf(code), { $ref: `#/components/responses/${name}` }]),
);

/** What is said with each status of a refusal, and where the status comes from. */
const refusalWords: Readonly<Record<number, { readonly source: Provenance; readonly description: string }>> = {
  400: { source: "plugin", description: "The request is refused." },
  401: { source: "plugin", description: "The signature is missing where one is required, or wrong." },
  403: { source: "docs", description: "The kid does not have the scope that this needs." },
  404: { source: "plugin", description: "There is nothing here, or it is another merchant's." },
  405: { source: "ours", description: "The path has other methods." },
  409: { source: "plugin", description: "The idempotency key was used for another request." },
  413: { source: "ours", description: "The body is too large." },
  429: { source: "plugin", description: "Too many requests. Here only a scenario causes it." },
  500: {
    source: "plugin",
    description: "A defect of the sandbox, or a scenario. Nothing else that the request does causes it.",
  },
};

const headers: Record<"X-Signature" | "X-Sandbox-Diagnosis", oas31.HeaderObject> = {
  "X-Signature": {
    description:
      "A detached JWS over the exact bytes of the body, HS256 with the shared secret: `{header}..{signature}`, with `alg`, `kid` and `exp` in its header. While keys rotate there is one line for each active key.",
    required: true,
    schema: { type: "string" },
    "x-source": "plugin",
  },
  "X-Sandbox-Diagnosis": {
    description:
      "What is wrong with the request's signature and how to mend it; on a success, that the provider would have refused the request because it is unsigned.",
    schema: { type: "string", maxLength: 1000, pattern: "^[ -~]*$" },
    "x-source": "ours",
  },
};

const allow: oas31.HeaderObject = {
  description: "The methods that the path has.",
  required: true,
  schema: { type: "string" },
  "x-source": "ours",
};

const retryAfter: oas31.HeaderObject = {
  description: "When to try again, in seconds.",
  required: true,
  schema: { type: "string", pattern: "^\\d+$" },
  "x-source": "ours",
};

function headersOf(status: number): oas31.HeadersObject {
  const shared = (name: keyof typeof headers) => ({ [name]: { $ref: `#/components/headers/${name}` } });
  return {
    ...shared("X-Signature"),
    ...(status < 300 || status === 401 ? shared("X-Sandbox-Diagnosis") : {}),
    ...(status === 405 ? { Allow: allow } : {}),
    ...(status === 429 ? { "Retry-After": retryAfter } : {}),
  };
}

/** @param codes all of one status. */
function refusalResponse(codes: readonly [RefusalCode, ...RefusalCode[]]): ZodOpenApiResponseObject {
  const status = statusOf(codes[0]);
  const { source, description } = refusalWords[status] ?? { source: "ours", description: "Refused." };
  return {
    description,
    "x-source": source,
    "x-codes": codes,
    headers: headersOf(status),
    content: { [json]: { schema: { $ref: "#/components/schemas/Error" } } },
  };
}

function responsesOf({ method, answer, refusals: own }: Operation): ZodOpenApiResponsesObject {
  const responses: Record<string, ZodOpenApiResponseObject> = {};
  if (answer !== undefined) {
    const { status, source, description, schema, example } = answer;
    const content = { [json]: { schema, ...(example === undefined ? {} : { example }) } };
    responses[status] = { description, "x-source": source, headers: headersOf(status), content };
  }
  const refusals = answer === undefined ? own : withScenarios(own);
  for (const code of refusals) {
    const [first = code, ...others] = refusals.filter((other) => statusOf(other) === statusOf(code));
    responses[statusOf(code)] = refusalResponse([first, ...others]);
  }
  const withBody = method === "get" ? {} : { [statusOf("payload_too_large")]: refusalResponse(["payload_too_large"]) };
  return { ...responses, ...withBody, ...everywhereResponses } as ZodOpenApiResponsesObject;
}

/** What can be answered to a request whose header names a scenario. */
function withScenarios(refusals: readonly RefusalCode[]): readonly RefusalCode[] {
  return [...new Set<RefusalCode>(["invalid_request", ...refusals, "rate_limited"])];
}

const scenarioParameter: oas31.ParameterObject = {
  name: "X-Sandbox-Scenario",
  in: "header",
  required: false,
  description: "What is to happen to this request: a name of the sandbox's catalogue of scenarios.",
  schema: { type: "string", enum: [...scenarioNames], "x-source": "ours" },
  "x-source": "ours",
};

function operationObject(operation: Operation): ZodOpenApiOperationObject {
  const { id, tag, path, summary, description, source, query, body, answer } = operation;
  const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = ""]) => name);
  return {
    operationId: id,
    tags: [tag],
    summary,
    ...(description === undefined ? {} : { description }),
    "x-source": source,
    security: [{ signature: [scopeOf(operation)] }, {}],
    parameters: [...names.map(pathParameter), ...(answer === undefined ? [] : [scenarioParameter])],
    ...(query === undefined ? {} : { requestParams: { query } }),
    ...(body === undefined
      ? {}
      : {
          requestBody: {
            required: true,
            "x-source": body.source,
            content: { [json]: { schema: body.schema, example: body.example } },
          },
        }),
    responses: responsesOf(operation),
  };
}

function pathParameter(name: string): oas31.ParameterObject {
  const { source, description } = pathParameters[name] ?? { source: "ours", description: "" };
  return {
    name,
    in: "path",
    required: true,
    description,
    schema: { type: "string", "x-source": source },
    "x-source": source,
  };
}

function webhook(type: string, schema: z.ZodType): ZodOpenApiOperationObject {
  return {
    operationId: `${type}Webhook`,
    tags: ["Webhooks"],
    summary: `A ${type} has left \`pending\``,
    description:
      "Any 2xx within 30 seconds acknowledges it. What is not acknowledged is tried again, 22 attempts in all: 2, 5, 8, 15 and 30 minutes, 1, 2 and 4 hours, and thirteen times 8 hours after the start of the attempt before. [docs] The order of notifications is not promised.",
    "x-source": "plugin",
    parameters: [
      {
        name: "X-Signature",
        in: "header",
        required: true,
        description: `${headers["X-Signature"].description} Its header has \`aud\` too: the URL of the endpoint.`,
        schema: { type: "string" },
        "x-source": "plugin",
      },
    ],
    requestBody: { required: true, "x-source": "plugin", content: { [json]: { schema } } },
    responses: {
      "2XX": { description: "Acknowledged.", "x-source": "docs" },
      "4XX": { description: "Not acknowledged, like every other answer.", "x-source": "docs" },
    },
    security: [],
  };
}

/** A parameter says itself what its schema says of it. */
function describeParameters(document: oas31.OpenAPIObject): void {
  for (const { get, post, patch } of Object.values(document.paths ?? {})) {
    for (const parameter of [get, post, patch].flatMap((operation) => operation?.parameters ?? [])) {
      if ("$ref" in parameter || parameter.schema === undefined || "$ref" in parameter.schema) continue;
      parameter.description ??= parameter.schema.description ?? "";
      parameter["x-source"] ??= parameter.schema["x-source"];
      delete parameter.schema.description;
    }
  }
}

/** The OpenAPI 3.1 document of the provider's API as this sandbox answers it. @param base where the sandbox is. @param version its own. */
export function openApiDocument(base: string, version: string): oas31.OpenAPIObject {
  const paths: Record<string, Record<string, ZodOpenApiOperationObject>> = {};
  for (const operation of operations) {
    paths[operation.path] = { ...paths[operation.path], [operation.method]: operationObject(operation) };
  }
  const document = createDocument(
    {
      openapi: "3.1.1",
      info: { title: "Alipay HK sandbox", version, description: introduction },
      servers: [{ url: base, description: "This sandbox." }],
      tags: Object.entries({ ...tags, Webhooks: webhooksTag }).map(([name, description]) => ({ name, description })),
      paths,
      webhooks: {
        payment: { post: webhook("payment", paymentNotification) },
        refund: { post: webhook("refund", refundNotification) },
      },
      components: {
        headers,
        securitySchemes: { signature },
        schemas: { Error: error },
        responses: Object.fromEntries(
          Object.entries(everywhere).map(([name, code]) => [name, refusalResponse([code])]),
        ),
      },
      "x-unknown-path": refusalResponse(["not_found"]),
      "x-other-methods": refusalResponse(["method_not_allowed"]),
    },
    {
      // The library closes what it writes for answers; here they stay open for what the provider adds.
      override: ({ jsonSchema, io }) => {
        if (io === "output") delete jsonSchema.additionalProperties;
      },
    },
  );
  describeParameters(document);
  return document;
}
