import { createConfig, lintFromString } from "@redocly/openapi-core";
import { afterAll, describe, expect, test } from "vitest";
import type { oas31 } from "zod-openapi";
import { type AppParts, createApp } from "../../src/http/app.ts";
import { controlDocument } from "../../src/http/control/openapi.ts";
import { createSandbox } from "../../src/index.ts";
import { complaintsOf, newAjv } from "../support/contract.ts";
import { ask, furnishedSandbox, type OperationName } from "../support/control-requests.ts";
import { get } from "../support/merchant.ts";

type Node = Record<string, unknown>;

const document = controlDocument("http://localhost", "0.0.0");
const elsewhere = controlDocument("http://127.0.0.1:8852", "0.0.0");
const json = "application/json";

const operations = Object.entries(document.paths ?? {}).flatMap(([path, item]) =>
  Object.entries(item as Record<string, oas31.OperationObject>).map(([method, operation]) => ({
    name: `${method.toUpperCase()} ${path.replace("/_sandbox", "")}` as OperationName,
    at: ["paths", path, method],
    operation,
  })),
);

/** Forbids additional members so that undocumented members are found. Maps with any names stay open. */
function close(node: unknown): void {
  if (typeof node !== "object" || node === null) return;
  const part = node as Node;
  if (part.type === "object" && part.properties !== undefined) part.additionalProperties ??= false;
  for (const child of Object.values(part)) close(child);
}

test("GET /_sandbox/openapi.json returns an OpenAPI 3.1 document, in process and over a socket", async () => {
  await using sandbox = await createSandbox();
  const { status, headers, body } = await get(sandbox, "/_sandbox/openapi.json");
  expect([status, headers.get("content-type"), body.openapi]).toEqual([200, json, "3.1.1"]);
  expect({ ...body, info: { ...body.info, version: "0.0.0" } }).toEqual(JSON.parse(JSON.stringify(document)));
  const url = await sandbox.listen();
  const overSocket = (await (await fetch(`${url}/_sandbox/openapi.json`)).json()) as oas31.OpenAPIObject;
  expect(overSocket.servers?.[0]?.url).toBe(url);
});

test("the document has exactly the routes of the control surface", () => {
  const gate = { allowHosts: [], publicHost: undefined, isAdminToken: undefined };
  const registered = createApp({ gate, addresses: { basePath: "" }, settings: {} } as unknown as AppParts)
    .routes.filter(({ method, path }) => method !== "ALL" && path.startsWith("/_sandbox"))
    .map(({ method, path }) => `${method} ${path.replace("/_sandbox", "").replace(/:(\w+)/g, "{$1}")}`);
  expect(operations.map(({ name }) => name).sort()).toEqual([...new Set(registered)].sort());
  expect(operations.length).toBeGreaterThan(30);
});

test("the OpenAPI linter reports only the missing licence", async () => {
  const problems = await lintFromString({
    source: JSON.stringify(elsewhere),
    absoluteRef: "openapi.json",
    config: await createConfig({ extends: ["recommended"] }),
  });
  expect(problems.map(({ ruleId }) => ruleId)).toEqual(["info-license"]);
});

test("every operation has a summary, and every parameter and response has a description", () => {
  const missing: string[] = [];
  const check = (at: string, description: string | undefined) => description || missing.push(at);
  for (const { name, operation } of operations) {
    check(name, operation.summary);
    for (const parameter of (operation.parameters ?? []) as oas31.ParameterObject[]) {
      check(`${name} ${parameter.name}`, parameter.description);
    }
    for (const [status, answer] of Object.entries(operation.responses ?? {})) {
      check(`${name} ${status}`, (answer as oas31.ResponseObject).description);
    }
  }
  expect(missing).toEqual([]);
});

test("the document has no origin marks for schemas of the provider", () => {
  expect(JSON.stringify(document)).not.toMatch(/x-source|x-sandbox-values| \[(seed|docs|plugin|wallet|ours)\]/);
});

describe("a valid request", async () => {
  const closed = structuredClone(document);
  close(closed.components);
  const ajv = newAjv(closed as oas31.OpenAPIObject);
  ajv.addVocabulary(["example"]);

  /** One sandbox for all read requests. */
  const shared = await furnishedSandbox();
  afterAll(() => shared.sandbox.close());

  test.each(operations)("$name and its answer conform to the document", async ({ name, at, operation }) => {
    const { sandbox, good } = name.startsWith("GET ") ? shared : await furnishedSandbox();
    await using _ = name.startsWith("GET ") ? undefined : sandbox;
    const request = good[name];
    if (request === undefined) throw new Error(`${name} has no request in test/support/control-requests.ts`);
    const body = operation.requestBody as oas31.RequestBodyObject | undefined;
    expect("body" in request).toBe(body !== undefined);
    if (body !== undefined) {
      const schema = [...at, "requestBody", "content", json, "schema"];
      expect(complaintsOf(ajv, schema, request.body)).toEqual([]);
      const { example } = body.content[json] ?? {};
      if (example !== undefined) expect(complaintsOf(ajv, schema, example)).toEqual([]);
    }
    const { status, body: answer, text } = await ask(sandbox, name, request);
    expect([status, text]).toEqual([request.status ?? 200, text]);
    const content = (operation.responses?.[status] as oas31.ResponseObject | undefined)?.content ?? {};
    if (answer === undefined) return expect(Object.keys(content)).toEqual(["text/event-stream"]);
    const schema = [...at, "responses", String(status), "content", json, "schema"];
    return expect(complaintsOf(ajv, schema, answer)).toEqual([]);
  });
});
