import type { z } from "zod";
import {
  type CreateDocumentOptions,
  createDocument,
  type oas31,
  type ZodOpenApiObject,
  type ZodOpenApiOperationObject,
  type ZodOpenApiResponseObject,
  type ZodOpenApiResponsesObject,
} from "zod-openapi";
import type { ContractChanges } from "../domain/contract-rules.ts";
import type { RefusalCode } from "../domain/refusal.ts";
import type { Provenance } from "./api/provenance.ts";
import type { Route } from "./route.ts";

export const json = "application/json";

/** The members of a route that both surfaces document. */
type DocumentedRoute = Omit<Route<never, never>, "handler"> & { readonly tag: string; readonly source?: Provenance };

/** A surface of the sandbox, as its OpenAPI document describes it. */
export interface Surface<R extends DocumentedRoute> {
  readonly title: string;
  /** The introduction, in Markdown. */
  readonly description: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly routes: readonly R[];
  /** Path prefix of the routes. */
  readonly prefix: string;
  /** What the surface adds to an operation: security, parameters. */
  readonly operation: (route: R) => Partial<ZodOpenApiOperationObject>;
  readonly pathParameters: Readonly<Record<string, { readonly description: string; readonly source?: Provenance }>>;
  /** All refusals of a route, those of every route included. */
  readonly refusals: (route: R) => readonly RefusalCode[];
  /** The response to refusals that have the same status. */
  readonly refusalResponse: (codes: readonly RefusalCode[], status: number) => ZodOpenApiResponseObject;
  /** The HTTP status of a refusal of a route. */
  readonly statusOf: (code: RefusalCode, route: R) => number;
  /** The contract profile that bodies follow. */
  readonly contract?: ContractChanges | undefined;
  readonly headers?: (status: number) => oas31.HeadersObject;
  /** Components, webhooks and extensions. */
  readonly extra: Omit<Partial<ZodOpenApiObject>, "openapi" | "info" | "paths">;
  readonly override: NonNullable<CreateDocumentOptions["override"]>;
}

/** Writes the OpenAPI 3.1 document of a surface. @param base base URL. @param version the version of the sandbox. */
export function writeDocument<R extends DocumentedRoute>(
  surface: Surface<R>,
  base: string,
  version: string,
): oas31.OpenAPIObject {
  const paths: Record<string, Record<string, ZodOpenApiOperationObject>> = {};
  for (const route of surface.routes) {
    const path = surface.prefix + route.path;
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operationOf(surface, route) };
  }
  const { title, description, tags, extra, override } = surface;
  const document = createDocument(
    {
      openapi: "3.1.1",
      info: { title, version, description },
      servers: [{ url: base, description: "This sandbox." }],
      tags: Object.entries(tags).map(([name, description]) => ({ name, description })),
      paths,
      ...extra,
    },
    { override },
  );
  describeParameters(document);
  return document;
}

/** The member `x-source` of a part whose provenance is known. */
function sourceOf(source: Provenance | undefined): { readonly "x-source"?: Provenance } {
  return source === undefined ? {} : { "x-source": source };
}

function operationOf<R extends DocumentedRoute>(surface: Surface<R>, route: R): ZodOpenApiOperationObject {
  const { operationId, tag, path, summary, description, source, query, body } = route;
  const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = ""]) => name);
  const { parameters = [], ...operation } = surface.operation(route);
  return {
    operationId,
    tags: [tag],
    summary,
    ...(description === undefined ? {} : { description }),
    ...sourceOf(source),
    ...operation,
    parameters: [...names.map((name) => pathParameter(surface, name)), ...parameters],
    // Every query is an object; the transformed ones have another type.
    ...(query === undefined ? {} : { requestParams: { query: query() as z.ZodObject } }),
    ...(body === undefined
      ? {}
      : {
          requestBody: {
            required: body.optional !== true,
            ...sourceOf(body.source),
            content: { [json]: { schema: body.schema(surface.contract), ...exampleOf(body) } },
          },
        }),
    responses: responsesOf(surface, route),
  };
}

function exampleOf({ example }: { readonly example?: object }): { readonly example?: object } {
  return example === undefined ? {} : { example };
}

function pathParameter<R extends DocumentedRoute>({ pathParameters }: Surface<R>, name: string): oas31.ParameterObject {
  const { description = "", source } = pathParameters[name] ?? {};
  return {
    name,
    in: "path",
    required: true,
    description,
    schema: { type: "string", ...sourceOf(source) },
    ...sourceOf(source),
  };
}

function responsesOf<R extends DocumentedRoute>(surface: Surface<R>, route: R): ZodOpenApiResponsesObject {
  const responses: Record<string, ZodOpenApiResponseObject> = {};
  for (const [status, response] of Object.entries(route.responses)) {
    const { description, schema, source } = response;
    const headers = surface.headers?.(Number(status));
    responses[status] = {
      description,
      ...sourceOf(source),
      ...(headers === undefined ? {} : { headers }),
      content:
        schema === undefined
          ? { "text/event-stream": { schema: { type: "string" } } }
          : { [json]: { schema: schema(), ...exampleOf(response) } },
    };
  }
  const refusals = surface.refusals(route);
  const statusOf = (code: RefusalCode) => surface.statusOf(code, route);
  for (const status of new Set(refusals.map(statusOf))) {
    const codes = refusals.filter((code) => statusOf(code) === status);
    responses[status] = surface.refusalResponse(codes, status);
  }
  return responses as ZodOpenApiResponsesObject;
}

/** Moves the description of a parameter's schema to the parameter. */
function describeParameters(document: oas31.OpenAPIObject): void {
  for (const item of Object.values(document.paths ?? {})) {
    const operations = [item.get, item.post, item.put, item.patch, item.delete];
    for (const parameter of operations.flatMap((operation) => operation?.parameters ?? [])) {
      if ("$ref" in parameter || parameter.schema === undefined || "$ref" in parameter.schema) continue;
      parameter.description ??= parameter.schema.description ?? "";
      parameter["x-source"] ??= parameter.schema["x-source"];
      delete parameter.schema.description;
    }
  }
}
