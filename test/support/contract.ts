import { Ajv2020 } from "ajv/dist/2020.js";
import formats from "ajv-formats";
import type { oas31 } from "zod-openapi";
import { unknownMember } from "../../src/domain/unusual-json.ts";
import { proxyPage } from "../../src/http/api/faults.ts";
import { openApiDocument } from "../../src/http/api/openapi.ts";
import type { SignedResponse } from "../../src/http/middleware/sign-response.ts";

/** A sent webhook. */
export interface SentWebhook {
  readonly url: string;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly body: string;
}

type Node = Record<string, unknown>;

/** A document that is closed for the checks, with its validator. */
interface Copy {
  readonly document: oas31.OpenAPIObject;
  readonly ajv: Ajv2020;
}

const copies = new Map<string, Copy>();

/** The copies of the profiles that responses had. Before there was another than the default, `mixed` is the default. */
const copiesOfProfiles = () => [copyOf(undefined), ...copies.values()].filter((copy) => copy !== copies.get("mixed"));

/** The closed document of a contract profile. That of `mixed` is open: it has parts of different profiles. */
function copyOf(given: SignedResponse["contract"]): Copy {
  const contract = given === "mixed" && copies.size <= 1 ? undefined : given;
  const key = contract === "mixed" ? contract : JSON.stringify(contract ?? {});
  const known = copies.get(key);
  if (known !== undefined) return known;
  const document = openApiDocument("http://localhost", "0.0.0", contract === "mixed" ? undefined : contract);
  close(document as unknown as Node, contract !== "mixed");
  const copy = { document, ajv: newAjv(document) };
  copies.set(key, copy);
  return copy;
}

/** Makes every schema strict: only documented members, and only the values that the sandbox uses. */
function close(node: Node, hasOwnValues: boolean): void {
  for (const combined of ["allOf", "anyOf", "oneOf"]) {
    if (combined in node) throw new Error(`${combined} in the document: say here how to close it`);
  }
  if (node.type === "object" && node.properties !== undefined && hasOwnValues) node.additionalProperties = false;
  if (Array.isArray(node["x-sandbox-values"]) && hasOwnValues) node.enum = node["x-sandbox-values"];
  for (const child of Object.values(node)) {
    if (typeof child === "object" && child !== null) close(child as Node, hasOwnValues);
  }
}

/** An independent validator. It checks formats and ignores the document's own keywords. */
export function newAjv(document: oas31.OpenAPIObject): Ajv2020 {
  const ajv = new Ajv2020({ allErrors: true, strict: true });
  formats.default(ajv);
  ajv.addVocabulary(["x-source", "x-sandbox-values", ...Object.keys(document)]);
  return ajv.addSchema(document, "document");
}

/** Returns the violations of a value by the schema at this place in the document. */
export function complaintsOf(ajv: Ajv2020, at: readonly string[], value: unknown): string[] {
  const pointer = at.map((name) => encodeURIComponent(name.replaceAll("~", "~0").replaceAll("/", "~1")));
  const validate = ajv.getSchema(`document#/${pointer.join("/")}`);
  if (validate === undefined) throw new Error(`the document has no schema at ${at.join(" > ")}`);
  if (validate(value)) return [];
  return (validate.errors ?? []).map(
    ({ instancePath, message, params }) => `${instancePath || "the body"} ${message} ${JSON.stringify(params)}`,
  );
}

function nodeAt({ document }: Copy, names: readonly string[]): unknown {
  return names.reduce<unknown>((node, name) => (node as Node | undefined)?.[name], document);
}

/** A node of the document and its path. References are resolved. */
interface Found<T> {
  readonly node: T;
  readonly at: readonly string[];
}

function find<T extends object>(copy: Copy, at: readonly string[]): Found<T> | undefined {
  const node = nodeAt(copy, at) as T | { $ref: string } | undefined;
  if (node === undefined) return undefined;
  return "$ref" in node ? find(copy, node.$ref.split("/").slice(1)) : { node, at };
}

function templateOf({ document }: Copy, path: string): string | undefined {
  const parts = path.split("/");
  return Object.keys(document.paths ?? {}).find((template) => {
    const names = template.split("/");
    const fits = (name: string, at: number) => (name.startsWith("{") && parts[at] !== "") || name === parts[at];
    return names.length === parts.length && names.every(fits);
  });
}

/** The documented response for a status. Without an operation, only 404, 405 and the common responses exist. */
function findResponse(copy: Copy, method: string, template: string | undefined, status: number) {
  const responses = ["responses", String(status)];
  const verb = method === "HEAD" ? "get" : method.toLowerCase();
  const operation = ["paths", template ?? "", verb];
  if (nodeAt(copy, operation) !== undefined) return find<oas31.ResponseObject>(copy, [...operation, ...responses]);
  if (status === 404 && template === undefined) return find<oas31.ResponseObject>(copy, ["x-unknown-path"]);
  if (status === 405 && template !== undefined) return find<oas31.ResponseObject>(copy, ["x-other-methods"]);
  const common = find<oas31.ResponseObject>(copy, ["paths", "/v1/payments", "get", ...responses]);
  return common?.at[0] === "components" ? common : undefined;
}

/** Returns the differences between a response of the provider's API and the document. */
export function responseComplaints({ method, path, status, headers, body, contract }: SignedResponse): string[] {
  const isHtmlHead = method === "HEAD" && headers["content-type"]?.startsWith("text/html");
  if (body === proxyPage || isHtmlHead) return [];
  const copy = copyOf(contract);
  const template = templateOf(copy, path);
  const found = findResponse(copy, method, template, status);
  if (found === undefined) return [`${method} ${path} has status ${status}, which is not documented`];
  const [type = ""] = (headers["content-type"] ?? "").split(";");
  const documentedType = found.node.content?.[type] !== undefined;
  const complaints = [
    ...headerComplaints(copy, found.node, headers),
    // No method of an unsupported operation is allowed, although the document describes its refusal.
    ...(status === 405 && headers.allow !== "" ? allowComplaints(copy, template, headers.allow) : []),
    ...(documentedType ? [] : [`the content type ${type} is not documented`]),
    ...(documentedType && method !== "HEAD" ? bodyComplaints(copy, found, type, body) : []),
  ];
  return complaints.map((complaint) => `${method} ${path}, answered ${status}: ${complaint}`);
}

function bodyComplaints(
  { ajv }: Copy,
  { node, at }: Found<oas31.ResponseObject>,
  type: string,
  body: string,
): string[] {
  const json = JSON.parse(body);
  const codes: unknown[] | undefined = node["x-codes"];
  const code = json.reason?.code;
  return [
    ...complaintsOf(ajv, [...at, "content", type, "schema"], json),
    ...(codes === undefined || codes.includes(code) ? [] : [`the code ${code} is not documented with this status`]),
  ];
}

function headerComplaints(copy: Copy, response: oas31.ResponseObject, headers: SignedResponse["headers"]): string[] {
  const documented = new Map(
    Object.entries(response.headers ?? {}).map(([name, header]) => {
      const found = "$ref" in header ? find<oas31.HeaderObject>(copy, header.$ref.split("/").slice(1))?.node : header;
      return [name.toLowerCase(), found];
    }),
  );
  const missing = [...documented].filter(([name, header]) => header?.required && headers[name] === undefined);
  const own = Object.keys(headers).filter((name) => /^(x-|allow$|retry-after$)/.test(name));
  return [
    ...missing.map(([name]) => `the header ${name} is missing`),
    ...own.filter((name) => !documented.has(name)).map((name) => `the header ${name} is not documented`),
  ];
}

function allowComplaints({ document }: Copy, template = "", allow = ""): string[] {
  const documented = Object.keys(document.paths?.[template] ?? {}).map((method) => method.toUpperCase());
  const allowed = allow.split(", ").filter((method) => method !== "HEAD");
  const same = allowed.sort().join() === documented.sort().join();
  return same ? [] : [`Allow is ${allow}, documented are ${documented.join(", ")}`];
}

/** Returns the differences between a webhook and the document of the profile that fits it best. */
export function webhookComplaints(webhook: SentWebhook): string[] {
  const all = copiesOfProfiles().map((copy) => complaintsOfWebhook(copy, webhook));
  return all.find((complaints) => complaints.length === 0) ?? all[0] ?? [];
}

function complaintsOfWebhook({ document, ajv }: Copy, { headers, body }: SentWebhook): string[] {
  // Only the scenario `webhook_unusual_json` adds it, to test that receivers ignore it.
  const { [unknownMember]: _, ...json } = JSON.parse(body);
  if (document.webhooks?.[json.type] === undefined) return [`a webhook of type ${json.type} is not documented`];
  const at = ["webhooks", json.type, "post", "requestBody", "content", "application/json", "schema"];
  const lines = [headers["x-signature"] ?? []].flat();
  const complaints = [
    ...complaintsOf(ajv, at, json),
    ...(lines.length > 0 ? [] : ["the header x-signature is missing"]),
  ];
  return complaints.map((complaint) => `a ${json.type} webhook: ${complaint}`);
}
