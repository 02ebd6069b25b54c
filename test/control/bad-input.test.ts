import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { oas31 } from "zod-openapi";
import { controlDocument } from "../../src/http/control/openapi.ts";
import type { Sandbox } from "../../src/index.ts";
import {
  ask,
  type ControlRequest,
  furnishedSandbox,
  type GoodRequests,
  type OperationName,
  secondWorld,
} from "../support/control-requests.ts";
import { type Answer, get } from "../support/merchant.ts";
import { snapshotOf } from "../support/snapshots.ts";

// Invalid requests of every route, mostly derived from the document. A route without a valid request in
// test/support/control-requests.ts fails, and so does a route that ignores unknown members.

type Members = Record<string, unknown>;

/** An invalid request, and the member that the refusal names. */
interface InvalidRequest extends ControlRequest {
  readonly what: string;
  readonly path: string;
}

const document = controlDocument("http://localhost", "0.0.0");
const operations = Object.entries(document.paths ?? {}).flatMap(([path, item]) =>
  Object.entries(item as Record<string, oas31.OperationObject>).map(([method, operation]) => ({
    name: `${method.toUpperCase()} ${path.replace("/_sandbox", "")}` as OperationName,
    operation,
  })),
);

/** A world that does not exist. */
const nowhere = "27yiW9MgzBtwiodreuNOXk0rtIw";
const past = "2020-01-01T00:00:00Z";

/** Invalid values that are specific to an operation, by the path of the error. */
const invalidBodies: Partial<Record<OperationName, readonly (readonly [path: string, body: unknown])[]>> = {
  "POST /credentials": [
    ["publicKey", { publicKey: "no key" }],
    ["publicKey", { publicKey: { kty: "EC" } }],
    ["kid", { kid: "short" }],
    ["scopes.0", { scopes: ["payments:steal"] }],
  ],
  "POST /keys/rotate": [
    ["overlap", { overlap: "an hour" }],
    ["overlap", { overlap: "P1M" }],
  ],
  "POST /worlds": [
    ["processingAccountId", { processingAccountId: "short" }],
    ["settings.colour", { settings: { colour: "teal" } }],
    ["settings.expiry", { settings: { expiry: 5 } }],
    ["settings.webhookUrl", { settings: { webhookUrl: null } }],
    ["clock", { clock: "noon" }],
    ["clock", { clock: "1999-01-01T00:00:00Z" }],
  ],
  "PATCH /worlds/{processingAccountId}": [
    ["settings.colour", { settings: { colour: "teal" } }],
    ["settings.amountMax", { settings: { amountMax: -1 } }],
    ["settings.webhookUrl", { settings: { webhookUrl: "ftp://shop" } }],
  ],
  "POST /reset": [["", { all: true }]],
  "POST /clock": [
    ["mode", { mode: "stopped" }],
    ["at", { at: "2026-02-30T00:00:00Z" }],
    ["at", { at: past }],
    ["at", { mode: "running", at: "2026-02-01T00:00:00Z" }],
  ],
  "POST /clock/advance": [
    ["", { by: undefined }],
    ["", { to: "2026-02-01T00:00:00Z" }],
    ["by", { by: "P1Y" }],
    ["to", { by: undefined, to: past }],
    ["to", { by: undefined, to: "2151-01-01T00:00:00Z" }],
  ],
  "PUT /snapshot": [
    ["format", { format: 2 }],
    ["clock.mode", { clock: { mode: "stopped" } }],
    ["real.colour", { real: { colour: "teal" } }],
  ],
  "POST /payments/{paymentId}/actions": [
    ["action", { action: "refund" }],
    ["reason", { reason: "a whim" }],
  ],
  "POST /payments/{paymentId}/refunds": [
    ["merchantReference", { merchantReference: "" }],
    ["amount.value", { amount: { value: "5", currency: "hkd" } }],
    ["amount.value", { amount: { value: 0.123, currency: "hkd" } }],
    ["amount.currency", { amount: { value: 5 } }],
    ["amount.colour", { amount: { value: 5, currency: "hkd", colour: "teal" } }],
  ],
  "POST /refunds/{refundId}/actions": [["action", { action: "pay" }]],
  "POST /scenarios/next": [
    ["scenario", { scenario: "nothing_like_it" }],
    ["scenario", { scenario: {} }],
    ["scenario.on", { scenario: { on: "moon" } }],
    ["scenario.outcome", { scenario: { outcome: "explode" } }],
    ["scenario.colour", { scenario: { outcome: "pay", colour: "teal" } }],
    ["times", { times: 0 }],
    ["times", { times: 1.5 }],
  ],
  "POST /requests/verify": [
    ["match.colour", { match: { colour: "teal" } }],
    ["match.path", { match: { path: "v1" } }],
    ["match.status", { match: { status: 7 } }],
    ["atLeast", { atLeast: 5, atMost: 4 }],
    ["exactly", { exactly: 1 }],
  ],
};

const invalidQueries: Partial<Record<OperationName, readonly (readonly [path: string, value: string])[]>> = {
  "GET /payments": [
    ["limit", "0"],
    ["limit", "1001"],
    ["cursor", "bm90IG9uZQ"],
  ],
  "GET /payments/{paymentId}/wait": [["timeoutMs", "60001"]],
  "GET /notifications/wait": [["timeoutMs", "-1"]],
};

/** The same operation without the path of a world. */
const atRoot = (name: OperationName) => name.replace("/worlds/{processingAccountId}/", "/") as OperationName;

/** The members in the schema of a body. For alternatives, the members of all of them. */
function membersOf(operation: oas31.OperationObject): { properties: Members; required: string[] } | undefined {
  const body = operation.requestBody as oas31.RequestBodyObject | undefined;
  const schema = body?.content["application/json"]?.schema as { $ref?: string; oneOf?: Members[] } | undefined;
  if (schema === undefined) return undefined;
  const found = document.components?.schemas?.[schema.$ref?.split("/").at(-1) ?? ""] ?? schema;
  const shapes = (schema.oneOf ?? [found]) as { properties?: Members; required?: string[] }[];
  return {
    properties: Object.assign({}, ...shapes.map(({ properties }) => properties)),
    required: shapes[0]?.required ?? [],
  };
}

/** Invalid bodies: no object, no JSON, and members that are unknown, missing, or of another type. */
function invalidBodiesOf(
  name: OperationName,
  operation: oas31.OperationObject,
  right: ControlRequest,
): InvalidRequest[] {
  const members = membersOf(operation);
  const broken = [
    { what: "incomplete JSON", path: "", body: '{"' },
    { what: "no UTF-8", path: "", body: new Uint8Array([0x22, 0xff, 0x22]) },
    { what: "a list", path: "", body: "[]" },
    { what: "null", path: "", body: "null" },
  ];
  const good = (right.body ?? {}) as Members;
  const bent = (what: string, path: string, change: Members) => ({ what, path, body: { ...good, ...change } });
  const unknown = [bent("an unknown member", "colour", { colour: "teal" })];
  if (members === undefined) return [...broken, ...unknown];
  const required = (operation.requestBody as oas31.RequestBodyObject).required === true;
  return [
    ...broken,
    ...unknown,
    ...(required ? [{ what: "no body", path: "", body: "" }] : []),
    ...members.required.map((member) => bent(`no ${member}`, member, { [member]: undefined })),
    ...Object.keys(members.properties).map((member) => bent(`${member} of another type`, member, { [member]: false })),
    ...(invalidBodies[atRoot(name)] ?? []).map(([path, body]) => bent(JSON.stringify(body), path, body as Members)),
  ];
}

/** Invalid queries: parameters that are unknown, missing, or have a value that is not allowed. */
function invalidQueriesOf(
  name: OperationName,
  operation: oas31.OperationObject,
  { query = {} }: ControlRequest,
): InvalidRequest[] {
  const parameters = ((operation.parameters ?? []) as oas31.ParameterObject[]).filter(({ in: at }) => at === "query");
  const closed = parameters.filter(({ schema }) => "enum" in (schema ?? {}) || (schema as Members).type === "integer");
  const bent = (member: string, value: string) => {
    return { what: `${member}=${value}`, path: member, query: { ...query, [member]: value } };
  };
  const without = (member: string) => Object.fromEntries(Object.entries(query).filter(([name]) => name !== member));
  return [
    bent("colour", "teal"),
    ...closed.map((parameter) => bent(parameter.name, "nonsense")),
    ...parameters
      .filter(({ required }) => required)
      .map(({ name: member }) => ({ what: `no ${member}`, path: member, query: without(member) })),
    ...(invalidQueries[atRoot(name)] ?? []).map(([member, value]) => bent(member, value)),
  ];
}

/** Snapshots of both worlds, and the status of the unknown one. */
async function stateOf(sandbox: Sandbox, worlds: readonly string[]): Promise<string[]> {
  const unknown = (await get(sandbox, `/_sandbox/worlds/${nowhere}`)).status;
  const snapshots = await Promise.all(worlds.map((world) => snapshotOf(sandbox, world)));
  return [`unknown: ${unknown}`, ...snapshots.map(({ text }) => text)];
}

/** Whether the document names the code with the status. */
function isDocumented(operation: oas31.OperationObject, { status, body }: Answer): boolean {
  const response = operation.responses?.[status] as oas31.ResponseObject | undefined;
  return response?.["x-codes"]?.includes(body.reason.code) === true;
}

const worlds = ["2HdN2jq6XWmlkhqRC2gDTNYCvNH", secondWorld];
const unknownWorld = { processingAccountId: nowhere };

/** One sandbox for all tests, because refused requests change nothing. */
let sandbox: Sandbox;
let good: GoodRequests;
beforeAll(async () => {
  ({ sandbox, good } = await furnishedSandbox());
});
afterAll(() => sandbox?.close());

describe.each(operations)("$name", ({ name, operation }) => {
  test("refuses invalid requests with 400, names the member, and changes nothing", async () => {
    const right = good[name];
    if (right === undefined) throw new Error(`${name} has no request in test/support/control-requests.ts`);
    const before = await stateOf(sandbox, worlds);
    const withBody = !name.startsWith("GET ");
    const rows = [
      ...(withBody ? invalidBodiesOf(name, operation, right) : []),
      ...invalidQueriesOf(name, operation, right),
    ];
    for (const { what, path, ...wrong } of rows) {
      const answer = await ask(sandbox, name, { ...right, ...wrong });
      const { reason, errors = [] } = answer.body ?? {};
      expect([what, answer.status, reason?.code]).toEqual([what, 400, "invalid_request"]);
      expect([what, errors.map((error: { path: string }) => error.path)]).toEqual([what, [path]]);
      expect(errors[0].description).not.toBe("");
      expect(isDocumented(operation, answer)).toBe(true);
    }
    expect(await stateOf(sandbox, worlds)).toEqual(before);
  });

  test("does not find unknown ids, and creates nothing", async () => {
    const right = good[name] ?? {};
    const before = await stateOf(sandbox, worlds);
    const body = (right.body ?? {}) as Members;
    const inQuery = ((operation.parameters ?? []) as oas31.ParameterObject[]).some(
      (parameter) => parameter.in === "query" && parameter.name === "processingAccountId",
    );
    const inWorld = name !== atRoot(name);
    // In POST /worlds, this member is the id of the new world.
    const inBody =
      !inWorld && name !== "POST /worlds" && "processingAccountId" in (membersOf(operation)?.properties ?? {});
    const unknown: ControlRequest[] = [
      ...Object.keys(right.params ?? {}).map((param) => ({
        params: { ...right.params, [param]: nowhere },
        // A snapshot names its world too.
        ...("format" in body && inWorld ? { body: { ...body, ...unknownWorld } } : {}),
      })),
      ...(inQuery ? [{ query: { ...right.query, ...unknownWorld } }] : []),
      ...(inBody ? [{ body: { ...body, ...unknownWorld } }] : []),
    ];
    for (const asked of unknown) {
      const answer = await ask(sandbox, name, { ...right, ...asked });
      expect([answer.status, answer.body?.reason.code]).toEqual([404, "not_found"]);
      expect(isDocumented(operation, answer)).toBe(true);
    }
    expect(await stateOf(sandbox, worlds)).toEqual(before);
  });
});

test("returns 404 for an unknown path and 405 for another method, and changes nothing", async () => {
  const before = await stateOf(sandbox, worlds);
  expect((await get(sandbox, "/_sandbox/nowhere")).status).toBe(404);
  const put = await ask(sandbox, "PUT /clock", { body: { mode: "running" } });
  expect([put.status, put.headers.get("allow"), put.body.reason.code]).toEqual([
    405,
    "GET, HEAD, POST",
    "method_not_allowed",
  ]);
  expect(await stateOf(sandbox, worlds)).toEqual(before);
});
