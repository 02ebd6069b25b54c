import { z } from "zod";
import {
  createDocument,
  type oas31,
  type ZodOpenApiOperationObject,
  type ZodOpenApiResponseObject,
  type ZodOpenApiResponsesObject,
} from "zod-openapi";
import type { RefusalCode } from "../../domain/refusal.ts";
import { scenarioNames } from "../../domain/scenario.ts";
import { defaultSettings, settingSpellings, writeSettings } from "../../domain/settings.ts";
import { statusOf } from "../api/refusals.ts";
import { type ControlOperation, pathParameters, tags } from "./operation.ts";
import { controlOperations } from "./operations.ts";
import { scenarioObjects } from "./scenario-schema.ts";

const json = "application/json";

const introduction = `What tests do to this sandbox, in any language: the functions of the TypeScript handle, by the same names. The provider's API has a document of its own, \`/openapi.json\`.

Answers are never signed, delayed or faulty. Lists are newest first. A body or query with a member that is not known is refused, and so is a query where a body is meant; nothing is ever passed over. \`x-codes\` names the codes of a refusal.

Where \`processingAccountId\` may be left out, it is the demo world's. A path that is not here is answered 404, another method of a path 405.

Off loopback everything but the part \`Sandbox\` needs the admin token. What a foreign web page sends is refused, by its \`Origin\`, by \`Sec-Fetch-Site\`, or by a \`Host\` that could be a rebound name.`;

/** The refusals that every operation may answer with. */
const everywhere: readonly RefusalCode[] = ["forbidden_origin", "internal_error"];
const adminToken: RefusalCode = "admin_token_required";
const tooLarge: RefusalCode = "payload_too_large";

/** What is said with each status of a refusal. */
const refusalWords: Readonly<Record<number, string>> = {
  400: "The request is refused, or cannot be done.",
  401: "The admin token is missing or wrong.",
  403: "A foreign web page sent it, or the Host could be a rebound name.",
  404: "There is nothing here.",
  409: "It is not possible as things are.",
  413: "The body is too large.",
  500: "A defect of the sandbox.",
};

const codes = [...new Set([...everywhere, adminToken, tooLarge, ...controlOperations.flatMap((one) => one.refusals)])];

const errorCode = z.enum(codes).meta({ id: "ControlErrorCode", description: "What is wrong: a closed list." });
const sentence = z.string().meta({ description: "The same in a sentence, for people." });

const error = z
  .object({
    reason: z.object({ code: errorCode, description: sentence }),
    errors: z
      .array(z.object({ path: z.string(), code: errorCode, description: sentence }))
      .exactOptional()
      .meta({ description: "All that is wrong with a body or query; `path` is empty for the body as a whole." }),
    present: z.looseObject({}).exactOptional().meta({ description: "With `not_reached`: how things stand." }),
    count: z.number().exactOptional().meta({ description: "With `not_matched`: how many match." }),
    nearest: z
      .array(z.looseObject({}))
      .exactOptional()
      .meta({ description: "With `not_matched`: the requests that come nearest, and what is different." }),
    now: z.string().exactOptional().meta({ description: "With `advance_limit`: where the clock stands." }),
    ran: z.number().exactOptional().meta({ description: "With `advance_limit`: how many tasks ran." }),
    nextDue: z.string().exactOptional().meta({ description: "With `advance_limit`: when the next task is due." }),
  })
  .meta({ id: "ControlError", description: "Why a request was refused." });

/** @param given all of one status. */
function refusalResponse(given: readonly RefusalCode[], status: number): ZodOpenApiResponseObject {
  return {
    description: refusalWords[status] ?? "Refused.",
    "x-codes": given,
    content: { [json]: { schema: error } },
  };
}

function responsesOf({ method, tag, answers, refusals }: ControlOperation): ZodOpenApiResponsesObject {
  const responses: Record<string, ZodOpenApiResponseObject> = {};
  for (const [status, { description, schema }] of Object.entries(answers)) {
    const content = schema === undefined ? { "text/event-stream": { schema: z.string() } } : { [json]: { schema } };
    responses[status] = { description, content };
  }
  const all: readonly RefusalCode[] = [
    ...refusals,
    ...(tag === "Sandbox" ? [] : [adminToken]),
    ...(method === "get" ? [] : [tooLarge]),
    ...everywhere,
  ];
  for (const status of new Set(all.map(statusOf))) {
    responses[status] = refusalResponse(
      all.filter((code) => statusOf(code) === status),
      status,
    );
  }
  return responses as ZodOpenApiResponsesObject;
}

function operationObject(operation: ControlOperation): ZodOpenApiOperationObject {
  const { id, tag, path, summary, description, query, body } = operation;
  const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = ""]) => name);
  return {
    operationId: id,
    tags: [tag],
    summary,
    ...(description === undefined ? {} : { description }),
    security: tag === "Sandbox" ? [] : [{ adminToken: [] }, {}],
    parameters: names.map((name) => ({
      name,
      in: "path" as const,
      required: true,
      description: pathParameters[name] ?? "",
      schema: { type: "string" as const },
    })),
    ...(query === undefined ? {} : { requestParams: { query } }),
    ...(body === undefined
      ? {}
      : {
          requestBody: {
            required: body.optional !== true,
            content: {
              [json]: { schema: body.schema, ...(body.example === undefined ? {} : { example: body.example }) },
            },
          },
        }),
    responses: responsesOf(operation),
  };
}

type Schema = oas31.SchemaObject;

/** Of a schema whose rules are code alone, what JSON Schema can say of them; by the name of the component. */
const written: Readonly<Record<string, () => Schema>> = {
  Settings: () => settingsSchema(),
  SettingChanges: () => settingsSchema(" `null` takes the endpoint away."),
  WorldSettings: () => ({ ...settingsSchema(), additionalProperties: {} }),
  Scenario: () => ({ anyOf: [named, ...Object.values(scenarioObjects).map(inputSchema)] }),
  WaitingScenario: () => ({ anyOf: [named, { type: "object" }] }),
  Snapshot: () => snapshotSchema,
  TakenSnapshot: () => snapshotSchema,
};

const named: Schema = { type: "string", enum: [...scenarioNames], description: "A name of the catalogue." };

const snapshotSchema: Schema = {
  type: "object",
  description: "To be kept and put back as it is.",
  properties: { format: { type: "integer", const: 1 }, processingAccountId: { type: "string" } },
  required: ["format", "processingAccountId"],
  additionalProperties: {},
};

/** @param ofNull what `null` means for `webhookUrl`, where it is allowed. */
function settingsSchema(ofNull?: string): Schema {
  const defaults = writeSettings(defaultSettings);
  const properties = Object.entries(settingSpellings).map(([name, { allowed }]): [string, Schema] => {
    const type = typeof (defaults[name] ?? "") as "string" | "number" | "boolean";
    const nullable = ofNull !== undefined && name === "webhookUrl";
    const description = `Allowed is ${allowed}.${nullable ? ofNull : ""}`;
    return [name, { type: nullable ? [type, "null"] : type, description }];
  });
  return {
    type: "object",
    description: "Settings of a world: durations in ISO 8601, amounts in HKD.",
    properties: Object.fromEntries(properties),
    additionalProperties: false,
  };
}

function inputSchema(schema: z.ZodType): Schema {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io: "input" });
  return rest as Schema;
}

/** What is said of the parameters of queries. */
const queryWords: Readonly<Record<string, string>> = {
  processingAccountId: "The world; without it, the demo world.",
  limit: "How many at most.",
  cursor: "The `nextCursor` of the page before.",
  timeoutMs: "How long to wait at most, in milliseconds of real time.",
  status: "As the payment or refund has it.",
  merchantReference: "As the merchant gave it.",
  paymentId: "Only what belongs to this payment.",
  refundId: "Only what belongs to this refund.",
  state: "Only those that stand so.",
  type: "What it tells of.",
};

/** Takes out where the provider's parts are known from, which is the other document's matter, and describes parameters. */
function tidy(node: unknown): void {
  if (typeof node !== "object" || node === null) return;
  const part = node as Record<string, unknown>;
  delete part["x-source"];
  delete part["x-sandbox-values"];
  if (part.in === "query") part.description = queryWords[String(part.name)];
  if (typeof part.description === "string") part.description = part.description.replace(/ \[(\w+)\]/g, "");
  for (const child of Object.values(part)) tidy(child);
}

/** The OpenAPI 3.1 document of the control surface. @param base where the sandbox is. @param version its own. */
export function controlDocument(base: string, version: string): oas31.OpenAPIObject {
  const paths: Record<string, Record<string, ZodOpenApiOperationObject>> = {};
  for (const operation of controlOperations) {
    const path = `/_sandbox${operation.path}`;
    paths[path] = { ...paths[path], [operation.method]: operationObject(operation) };
  }
  const document = createDocument(
    {
      openapi: "3.1.1",
      info: { title: "Alipay HK sandbox: the control surface", version, description: introduction },
      servers: [{ url: base, description: "This sandbox." }],
      tags: Object.entries(tags).map(([name, description]) => ({ name, description })),
      paths,
      components: {
        securitySchemes: {
          adminToken: { type: "http", scheme: "bearer", description: "What `--admin-token` says, where it is set." },
        },
      },
    },
    {
      override: ({ zodSchema, jsonSchema, io }) => {
        // The library closes what it writes for answers; here they stay open for what comes later.
        if (io === "output" && jsonSchema.additionalProperties === false) delete jsonSchema.additionalProperties;
        const id = z.globalRegistry.get(zodSchema)?.id;
        Object.assign(jsonSchema, id === undefined ? {} : written[id]?.());
      },
    },
  );
  tidy(document);
  return document;
}
