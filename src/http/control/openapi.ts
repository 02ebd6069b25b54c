import { z } from "zod";
import type { oas31, ZodOpenApiResponseObject } from "zod-openapi";
import { contractJsonSchema } from "../../domain/contract.ts";
import type { RefusalCode } from "../../domain/refusal.ts";
import { scenarioNames } from "../../domain/scenario.ts";
import { defaultSettings, removableSettings, settingSpellings, writeSettings } from "../../domain/settings.ts";
import { statusOf } from "../api/refusals.ts";
import { json, type Surface, writeDocument } from "../openapi.ts";
import { isWithinWorld, mountedRoutes } from "./in-world.ts";
import { type ControlRoute, controlTags } from "./route.ts";
import { controlRoutes } from "./routes.ts";
import { scenarioObjects } from "./scenario-schema.ts";

const introduction = [
  "How tests control this sandbox, in any language. The functions of the TypeScript handle are the same, by the same " +
    "names. The provider's API has its own document, `/openapi.json`.",
  "Responses are never signed, delayed or faulty. Lists are newest first. Unknown members of a body or query are " +
    "refused, and so is a query that is not described. `x-codes` lists the codes of a refusal.",
  "A path below `/_sandbox/worlds/{processingAccountId}` acts only on that world: a record of another world is not " +
    "found there, and a `processingAccountId` in the query or body must be that of the path. The same routes exist " +
    "without this prefix; there `processingAccountId` is optional, and the default is the demo world.",
  "A path that does not exist is answered " + "with 404, another method of a path with 405.",
  "Off loopback, every route outside the group `Sandbox` requires the admin token. Requests of foreign web pages are " +
    "refused by `Origin`, by `Sec-Fetch-Site`, and by a `Host` that could be a rebound name.",
].join("\n\n");

/** The refusals of every operation. */
const sharedRefusals: readonly RefusalCode[] = ["forbidden_origin", "internal_error"];

/** Description of a refusal, by its status. */
const refusalDescriptions: Readonly<Record<number, string>> = {
  400: "The request is invalid, or refused.",
  401: "The admin token is missing or wrong.",
  403: "A foreign web page sent the request, or the Host could be a rebound name.",
  404: "The resource does not exist.",
  409: "The current state does not allow it.",
  413: "The body is too large.",
  500: "A defect of the sandbox.",
};

function refusalsOf({ method, access, refusals }: ControlRoute): readonly RefusalCode[] {
  return [
    ...refusals,
    ...(access === "open" ? [] : (["admin_token_required"] as const)),
    ...(method === "GET" ? [] : (["payload_too_large"] as const)),
    ...sharedRefusals,
  ];
}

function errorSchema(): z.ZodType {
  const routes: readonly ControlRoute[] = controlRoutes;
  const codes = new Set<RefusalCode>([
    ...sharedRefusals,
    "admin_token_required",
    "payload_too_large",
    ...routes.flatMap(({ refusals }) => refusals),
  ]);
  const code = z.enum([...codes]).meta({ id: "ControlErrorCode", description: "The error code: a closed list." });
  const sentence = z.string().meta({ description: "The same in a sentence, for people." });
  return z
    .object({
      reason: z.object({ code, description: sentence }),
      errors: z
        .array(z.object({ path: z.string(), code, description: sentence }))
        .exactOptional()
        .meta({ description: "All errors in a body or query; `path` is empty for the body as a whole." }),
      present: z.looseObject({}).exactOptional().meta({ description: "With `not_reached`: the current state." }),
      count: z.number().exactOptional().meta({ description: "With `not_matched`: the number of matching requests." }),
      nearest: z
        .array(z.looseObject({}))
        .exactOptional()
        .meta({ description: "With `not_matched`: the nearest requests, with their differences." }),
      now: z.string().exactOptional().meta({ description: "With `advance_limit`: the time of the clock." }),
      ran: z.number().exactOptional().meta({ description: "With `advance_limit`: the number of tasks that ran." }),
      nextDue: z.string().exactOptional().meta({ description: "With `advance_limit`: when the next task is due." }),
    })
    .meta({ id: "ControlError", description: "Why a request was refused." });
}

type Schema = oas31.SchemaObject;

/** JSON Schemas of components whose rules are code, by component name. */
const written: Readonly<Record<string, () => Schema>> = {
  Settings: () => settingsSchema(),
  SettingChanges: () => settingsSchema(" `null` removes it."),
  WorldSettings: () => ({ ...settingsSchema(), additionalProperties: {} }),
  Scenario: () => ({ anyOf: [scenarioName, ...Object.values(scenarioObjects).map((schema) => inputSchema(schema()))] }),
  WaitingScenario: () => ({ anyOf: [scenarioName, { type: "object" }] }),
  Snapshot: () => snapshotSchema,
  TakenSnapshot: () => snapshotSchema,
};

const scenarioName: Schema = { type: "string", enum: [...scenarioNames], description: "A name of the catalogue." };

const snapshotSchema: Schema = {
  type: "object",
  description: "A snapshot. Keep it unchanged.",
  properties: { format: { type: "integer", const: 1 }, processingAccountId: { type: "string" } },
  required: ["format", "processingAccountId"],
  additionalProperties: {},
};

/** @param nullMeaning what `null` means for a setting without a default, where it is allowed. */
function settingsSchema(nullMeaning?: string): Schema {
  const defaults = writeSettings(defaultSettings);
  const properties = Object.entries(settingSpellings).map(([name, { allowed }]): [string, Schema] => {
    const type = typeof (defaults[name] ?? "") as "string" | "number" | "boolean";
    if (name === "contract") return [name, contractSchema(nullMeaning)];
    const nullable = nullMeaning !== undefined && removableSettings.includes(name);
    const description = `Allowed: ${allowed}.${nullable ? nullMeaning : ""}`;
    return [name, { type: nullable ? [type, "null"] : type, description }];
  });
  return {
    type: "object",
    description: "Settings of a world: durations in ISO 8601, amounts in HKD.",
    properties: Object.fromEntries(properties),
    additionalProperties: false,
  };
}

function contractSchema(nullMeaning: string | undefined): Schema {
  const description = "Rules of the provider that differ from the defaults.";
  if (nullMeaning === undefined) return { ...contractJsonSchema, description } as Schema;
  return { ...contractJsonSchema, type: ["object", "null"], description: `${description}${nullMeaning}` } as Schema;
}

function inputSchema(schema: z.ZodType): Schema {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io: "input" });
  return rest as Schema;
}

/** Removes provenance, which belongs to the provider's document. */
function removeProvenance(node: unknown): void {
  if (typeof node !== "object" || node === null) return;
  const part = node as Record<string, unknown>;
  delete part["x-source"];
  delete part["x-sandbox-values"];
  if (typeof part.description === "string") part.description = part.description.replace(/ \[(\w+)\]/g, "");
  for (const child of Object.values(part)) removeProvenance(child);
}

function operationsOf(item: oas31.PathItemObject): oas31.OperationObject[] {
  return [item.get, item.post, item.put, item.patch, item.delete].filter((operation) => operation !== undefined);
}

/** Describes an operation within a world: the path names the world, and records are those of this world. */
function narrow(operation: oas31.OperationObject): void {
  const parameters = (operation.parameters ?? []) as oas31.ParameterObject[];
  operation.parameters = parameters
    .filter((parameter) => parameter.in === "path" || parameter.name !== "processingAccountId")
    .map((parameter) => {
      const { description } = parameter;
      return description === undefined
        ? parameter
        : { ...parameter, description: description.replace("of any world", "of this world") };
    });
  const content = (operation.requestBody as oas31.RequestBodyObject | undefined)?.content[json];
  if (content?.schema === undefined) return;
  const schema = structuredClone(content.schema) as Schema;
  for (const { properties } of [schema, ...((schema.oneOf ?? schema.anyOf ?? []) as Schema[])]) {
    if (properties === undefined) continue;
    delete properties.processingAccountId;
    delete properties.all;
  }
  content.schema = schema;
  if (Object.hasOwn(content.example ?? {}, "all")) content.example = {};
}

const surface = (error: z.ZodType): Surface<ControlRoute> => ({
  title: "Alipay HK sandbox: the control surface",
  description: introduction,
  tags: controlTags,
  routes: mountedRoutes,
  prefix: "/_sandbox",
  operation: ({ access }) => ({ security: access === "open" ? [] : [{ adminToken: [] }, {}] }),
  pathParameters: {
    processingAccountId: { description: "The world." },
    kid: { description: "The id of the registered key." },
    paymentId: { description: "The payment's `id`, of any world." },
    refundId: { description: "The refund's `id`, of any world." },
    notificationId: { description: "The notification's `id`, of any world." },
  },
  refusals: refusalsOf,
  statusOf: (code) => statusOf(code),
  refusalResponse: (codes, status): ZodOpenApiResponseObject => ({
    description: refusalDescriptions[status] ?? "Refused.",
    "x-codes": codes,
    content: { [json]: { schema: error } },
  }),
  extra: {
    components: {
      securitySchemes: {
        adminToken: { type: "http", scheme: "bearer", description: "The value of `--admin-token`, if configured." },
      },
    },
  },
  override: ({ zodSchema, jsonSchema, io }) => {
    // The library closes response schemas; here they stay open for later members.
    if (io === "output" && jsonSchema.additionalProperties === false) delete jsonSchema.additionalProperties;
    const id = z.globalRegistry.get(zodSchema)?.id;
    Object.assign(jsonSchema, id === undefined ? {} : written[id]?.());
  },
});

/** The OpenAPI 3.1 document of the control surface. @param base base URL. @param version the version of the sandbox. */
export function controlDocument(base: string, version: string): oas31.OpenAPIObject {
  const document = writeDocument(surface(errorSchema()), base, version);
  removeProvenance(document);
  for (const [path, item] of Object.entries(document.paths ?? {})) {
    if (isWithinWorld(path.replace("/_sandbox", ""))) for (const operation of operationsOf(item)) narrow(operation);
  }
  return document;
}
