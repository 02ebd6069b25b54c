import { execFile } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, expectTypeOf, test } from "vitest";
import type { oas31 } from "zod-openapi";
import type { ContractChanges } from "../../src/domain/contract-rules.ts";
import { openApiDocument } from "../../src/http/api/openapi.ts";
import { sources } from "../../src/http/api/provenance.ts";
import { type AppParts, createApp } from "../../src/http/app.ts";
import { createSandbox, type PaymentResource, withSandbox } from "../../src/index.ts";
import { complaintsOf, newAjv } from "../support/contract.ts";
import { get, paymentRequest, post, seedExchange } from "../support/merchant.ts";

const document = openApiDocument("http://localhost", "0.0.0");
const ajv = newAjv(document);
const schemas = document.components?.schemas as Record<string, oas31.SchemaObject>;
type Node = Record<string, unknown>;

/** Visits every node of the document, with its path. */
function walk(node: unknown, visit: (node: Node, at: readonly string[]) => void, at: readonly string[] = []): void {
  if (typeof node !== "object" || node === null) return;
  visit(node as Node, at);
  for (const [name, child] of Object.entries(node)) if (name !== "example") walk(child, visit, [...at, name]);
}

const operations = [document.paths, document.webhooks].flatMap((group) =>
  Object.entries(group ?? {}).flatMap(([place, item]) =>
    Object.entries(item as Record<string, oas31.OperationObject>).map(([method, operation]) => ({
      place,
      method,
      operation,
    })),
  ),
);

test("GET /openapi.json returns an OpenAPI 3.1 document, in process and over a socket", async () => {
  await using sandbox = await createSandbox();
  const { status, headers, body } = await get(sandbox, "/openapi.json");
  expect([status, headers.get("content-type"), body.openapi]).toEqual([200, "application/json", "3.1.1"]);
  expect(body.servers).toEqual([{ url: "http://localhost", description: "This sandbox." }]);
  expect({ ...body, info: { ...body.info, version: "0.0.0" } }).toEqual(JSON.parse(JSON.stringify(document)));
  const url = await sandbox.listen();
  const overSocket = (await (await fetch(`${url}/openapi.json`)).json()) as oas31.OpenAPIObject;
  expect(overSocket.servers?.[0]?.url).toBe(url);
});

test("the document has exactly the routes of the provider's API", () => {
  const gate = { allowHosts: [], publicHost: undefined, isAdminToken: undefined };
  const routes = createApp({ gate, addresses: { basePath: "" }, settings: {} } as unknown as AppParts).routes;
  const registered = routes
    .filter(({ method, path }) => method !== "ALL" && path.startsWith("/v1/"))
    .map(({ method, path }) => `${method} ${path.replace(/:(\w+)/g, "{$1}")}`);
  const documented = operations
    .filter(({ place }) => place.startsWith("/"))
    .map(({ method, place }) => `${method.toUpperCase()} ${place}`);
  expect(documented.sort()).toEqual([...new Set(registered)].sort());
  expect(documented.length).toBeGreaterThan(25);
  expect(Object.keys(document.webhooks ?? {})).toEqual(["payment", "refund"]);
});

describe("the origin is given", () => {
  test("by one of the known marks", () => {
    const unknown: unknown[] = [];
    walk(document, (node, at) => {
      if ("x-source" in node && !Object.hasOwn(sources, String(node["x-source"]))) unknown.push(at);
    });
    expect(unknown).toEqual([]);
    expect(Object.keys(sources)).toEqual(["seed", "docs", "plugin", "wallet", "ours"]);
  });

  test("for every operation, parameter, body, response, header and security scheme", () => {
    const parts = operations.flatMap(({ place, method, operation }) => [
      { at: `${method} ${place}`, part: operation as object },
      ...(operation.parameters ?? []).map((part, index) => ({ at: `${place} parameter ${index}`, part })),
      ...(operation.requestBody === undefined ? [] : [{ at: `${place} body`, part: operation.requestBody }]),
      ...Object.entries(operation.responses ?? {}).map(([status, part]) => ({ at: `${place} ${status}`, part })),
    ]);
    const { responses, headers, securitySchemes } = document.components ?? {};
    for (const group of [responses, headers, securitySchemes]) {
      parts.push(...Object.entries(group ?? {}).map(([at, part]) => ({ at, part })));
    }
    parts.push({ at: "x-unknown-path", part: document["x-unknown-path"] });
    parts.push({ at: "x-other-methods", part: document["x-other-methods"] });
    expect(parts.filter(({ part }) => !("x-source" in part) && !("$ref" in part)).map(({ at }) => at)).toEqual([]);
  });

  test("for every schema and every member of one", () => {
    const silent: string[] = [];
    const check = (schema: Node, at: string) => {
      if (!("x-source" in schema) && !("$ref" in schema)) silent.push(at);
      for (const [name, member] of Object.entries(schema.properties ?? {})) check(member as Node, `${at}.${name}`);
    };
    for (const [name, schema] of Object.entries(document.components?.schemas ?? {})) check(schema as Node, name);
    expect(silent).toEqual([]);
  });
});

describe("generated clients accept new members and values", () => {
  test("no schema forbids additional members", () => {
    const closed: unknown[] = [];
    walk(document, (node, at) => {
      if ("additionalProperties" in node || "unevaluatedProperties" in node) closed.push(at);
    });
    expect(closed).toEqual([]);
  });

  test("a status has the provider's full list, and a payment reason has no list", () => {
    const status = schemas.TrackedPayment?.properties?.status as oas31.SchemaObject;
    expect([status.enum?.length, status["x-sandbox-values"].length]).toEqual([13, 7]);
    const code = schemas.PaymentReason?.properties?.code as oas31.SchemaObject;
    expect([code.enum, code["x-sandbox-values"].length]).toEqual([undefined, 8]);
  });
});

describe("the request schemas and the API have the same rules", () => {
  const schemaOf = (place: string) => ["paths", place, "post", "requestBody", "content", "application/json", "schema"];

  test("the document has the provider's example request and response, which are valid", () => {
    const create = document.paths?.["/v1/payments"]?.post;
    const body = create?.requestBody as oas31.RequestBodyObject | undefined;
    const example = body?.content["application/json"]?.example;
    expect(example).toEqual(JSON.parse(seedExchange.request.body));
    expect(complaintsOf(ajv, schemaOf("/v1/payments"), example)).toEqual([]);
    const answer = create?.responses?.[seedExchange.response.status].content["application/json"].example;
    expect(answer).toEqual(JSON.parse(seedExchange.response.body));
    const at = ["paths", "/v1/payments", "post", "responses", "201", "content", "application/json", "schema"];
    expect(complaintsOf(ajv, at, answer)).toEqual([]);
  });

  test.each<ContractChanges>([
    { amountUnit: "minor" },
    { createMembers: ["amount", "createTime", "updateTime", "paymentMethod"], createStatus: 200 },
    { createMembers: ["amount"], amountUnit: "minor" },
  ])("under the profile %j the examples are valid", (contract) => {
    const followed = openApiDocument("http://localhost", "0.0.0", contract);
    const validator = newAjv(followed);
    const { requestBody, responses } = followed.paths?.["/v1/payments"]?.post ?? {};
    const { example } = (requestBody as oas31.RequestBodyObject).content["application/json"] ?? {};
    const { value } = (example as { amount: { value: number } }).amount;
    expect(value, "HKD 200.00").toBe(contract.amountUnit === "minor" ? 20_000 : 200);
    expect(complaintsOf(validator, schemaOf("/v1/payments"), example)).toEqual([]);
    const status = String(contract.createStatus ?? 201);
    const answer = responses?.[status].content["application/json"].example;
    const at = ["paths", "/v1/payments", "post", "responses", status, "content", "application/json", "schema"];
    expect(complaintsOf(validator, at, answer)).toEqual([]);
  });

  test.each(["/v1/payments", "/v1/payments/{paymentId}/refunds"])(
    "with amounts in cents, %s takes no fraction",
    (place) => {
      const validator = newAjv(openApiDocument("http://localhost", "0.0.0", { amountUnit: "minor" }));
      const complaintsAbout = (value: number) => {
        const body = { ...paymentRequest(), amount: { value, currency: "hkd" } };
        return complaintsOf(validator, schemaOf(place), body);
      };
      expect(complaintsAbout(820)).toEqual([]);
      expect(complaintsAbout(820.5)).toEqual(['/amount/value must be integer {"type":"integer"}']);
    },
  );

  test("the filter by status says which of its own words it takes under a profile", () => {
    const describedUnder = (contract?: ContractChanges) => {
      const { paths } = openApiDocument("http://localhost", "0.0.0", contract);
      const parameters = paths?.["/v1/payments"]?.get?.parameters as oas31.ParameterObject[];
      return parameters.find(({ name }) => name === "status")?.description;
    };
    const usual = "Only payments that have this status now.";
    expect(describedUnder({ paidStatus: "approved", expiredStatus: "failed" })).toBe(
      `${usual} It takes the sandbox's own words: \`captured\` for \`approved\`, \`aborted\` for \`failed\`.`,
    );
    expect(describedUnder({ createStatus: 200 })).toBe(usual);
    expect(describedUnder()).toBe(usual);
  });

  /** The valid request with one member changed; `undefined` removes it. */
  function withMember(path: string, value: unknown): object {
    const request = paymentRequest();
    const names = path.split(".");
    const last = names.pop() ?? "";
    const holder = names.reduce<Node>((object, name) => object[name] as Node, request);
    holder[last] = value;
    return JSON.parse(JSON.stringify(request));
  }

  const returnUrl = "paymentMethod.alipayHk.returnUrl";
  const flowType = "paymentMethod.alipayHk.flowType";
  const wrong: [string, unknown][] = [
    ["processingAccountId", undefined],
    ["processingAccountId", 1],
    ["processingAccountId", "2HdN2jq6XWmlkhqRC2gDTNYCvN"],
    ["processingAccountId", "2HdN2jq6XWmlkhqRC2gDTNYCvN-"],
    ["merchantReference", undefined],
    ["merchantReference", ""],
    ["merchantReference", "r".repeat(256)],
    ["merchantReference", "line\nbreak"],
    ["merchantReference", "\u0085"],
    ["amount", undefined],
    ["amount", []],
    ["amount.value", "200"],
    ["amount.value", 0.09],
    ["amount.value", -200],
    ["amount.currency", undefined],
    ["amount.currency", "HKD"],
    ["amount.currency", "cny"],
    ["paymentMethod", undefined],
    ["paymentMethod.type", "alipay_cn"],
    ["paymentMethod.alipayHk", undefined],
    ["paymentMethod.alipayHk", null],
    [returnUrl, undefined],
    [returnUrl, "/complete-payment"],
    [returnUrl, "ftp://merchant.site/"],
    [returnUrl, "https:merchant.site"],
    [returnUrl, "https://"],
    [returnUrl, "https://merchant.site/a b"],
    [returnUrl, "https://user:secret@merchant.site/"],
    [flowType, "QR_LINK"],
    [flowType, true],
  ];
  test.each(wrong)("%s: both refuse %j", (path, value) =>
    withSandbox({}, async (sandbox) => {
      expect(complaintsOf(ajv, schemaOf("/v1/payments"), withMember(path, value))).not.toEqual([]);
      expect((await post(sandbox, "/v1/payments", withMember(path, value))).status).toBe(400);
    }),
  );

  const right: [string, unknown][] = [
    ["merchantReference", "🧾".repeat(255)],
    ["amount.value", 0.1],
    ["amount.value", 50000],
    [returnUrl, "HTTPS://merchant.site/a?b=c&d=%20#e"],
    [returnUrl, "http://localhost:3000/?mail=a@b.hk"],
    [flowType, "mobile_redirect"],
    ["colour", "teal"],
  ];
  test.each(right)("%s: both accept %j", (path, value) =>
    withSandbox({}, async (sandbox) => {
      expect(complaintsOf(ajv, schemaOf("/v1/payments"), withMember(path, value))).toEqual([]);
      expect((await post(sandbox, "/v1/payments", withMember(path, value))).status).toBe(201);
    }),
  );

  test.each([
    [{}, false],
    [{ merchantReference: "r" }, true],
    [{ merchantReference: "r", amount: { value: 0.01, currency: "hkd" } }, true],
    [{ merchantReference: "r", amount: { value: 0, currency: "hkd" } }, false],
    [{ merchantReference: "r", amount: { value: 1, currency: "usd" } }, false],
  ])("the refund %j is valid: %j", (body, right) =>
    withSandbox({}, async (sandbox) => {
      const complaints = complaintsOf(ajv, schemaOf("/v1/payments/{paymentId}/refunds"), body);
      expect(complaints.length === 0).toBe(right);
      // The payment is unknown: errors in the request have precedence.
      expect((await post(sandbox, "/v1/payments/x/refunds", body)).status).toBe(right ? 404 : 400);
    }),
  );

  test.each([
    ["/v1/payments", "limit", 0, "0"],
    ["/v1/payments", "limit", 101, "101"],
    ["/v1/payments", "status", "paid", "paid"],
    ["/v1/payments", "fromTime", "yesterday", "yesterday"],
    ["/v1/transactions", "processingAccountId", "x", "x"],
    ["/v1/requests/payments", "idempotencyKey", "1234567", "1234567"],
    ["/v1/requests/refunds", "idempotencyKey", "k".repeat(51), "k".repeat(51)],
  ])("GET %s: both refuse %s %j", (place, name, value, text) =>
    withSandbox({}, async (sandbox) => {
      const parameters = document.paths?.[place]?.get?.parameters as oas31.ParameterObject[];
      const index = parameters.findIndex((parameter) => parameter.name === name);
      const at = ["paths", place, "get", "parameters", String(index), "schema"];
      expect(complaintsOf(ajv, at, value)).not.toEqual([]);
      expect((await get(sandbox, `${place}?${name}=${text}`)).status).toBe(400);
    }),
  );
});

describe("the codes of refusals", () => {
  test("each code is documented with a response", () => {
    const documented = new Set<unknown>();
    walk(document, (node) => {
      for (const code of (node["x-codes"] as unknown[] | undefined) ?? []) documented.add(code);
    });
    expect([...documented].sort()).toEqual([...(schemas.ErrorCode?.enum ?? [])].sort());
  });

  test("an error of the HTTP parser conforms to the schema", async () => {
    await using sandbox = await createSandbox();
    const { hostname, port } = new URL(await sandbox.listen());
    const text = await new Promise<string>((resolve) => {
      let read = "";
      const socket = connect(Number(port), hostname, () => socket.write("hello\r\n\r\n"));
      socket.setEncoding("utf8").on("data", (chunk) => {
        read += chunk;
      });
      socket.on("close", () => resolve(read));
    });
    const body = JSON.parse(text.slice(text.indexOf("\r\n\r\n")));
    expect(complaintsOf(ajv, ["components", "schemas", "Error"], body)).toEqual([]);
  });
});

test("the types of answers come from the schemas, and all their members are read-only", () => {
  expectTypeOf<PaymentResource["nextStep"]>().toEqualTypeOf<
    { readonly type: "redirect"; readonly redirect: { readonly method: "get"; readonly url: string } } | undefined
  >();
});

test("no module that is loaded at the start imports the documents or their code", () => {
  const root = join(import.meta.dirname, "../../src");
  const lazy = ["openapi.ts", "openapi-contract.ts", "errors.ts", "page.ts", "schema-table.ts"];
  const importers = readdirSync(root, { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".ts") && !lazy.some((name) => path.endsWith(`/${name}`)))
    .filter((path) => {
      const imports = readFileSync(join(root, path), "utf8").match(/^(import|export) (?!type )[^;]*? from "[^"]+"/gm);
      return imports?.some((text) => lazy.some((name) => text.endsWith(`/${name}"`)) || text.includes("zod-openapi"));
    });
  expect(importers).toEqual([]);
});

test("the start builds no schema for the documents", async () => {
  const script = `
    import { z } from "zod";
    import { createSandbox } from "./src/index.ts";
    const sandbox = await createSandbox();
    await sandbox.fetch("/_sandbox/payments");
    console.log(JSON.stringify([...z.globalRegistry._idmap.keys()]));
    await sandbox.close();`;
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ["--import", "tsx", "--input-type=module", "--eval", script],
    { cwd: join(import.meta.dirname, "../..") },
  );
  expect(JSON.parse(stdout)).toEqual([]);
});
