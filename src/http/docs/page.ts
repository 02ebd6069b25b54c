import { html } from "hono/html";
import type { oas31 } from "zod-openapi";
import { sources } from "../api/provenance.ts";
import type { Html } from "../ui/html.ts";
import type { Page } from "../ui/layout.ts";
import {
  componentName,
  grid,
  memberRows,
  prose,
  type Row,
  schemaLink,
  sourceInWords,
  sourceLink,
  table,
  valueList,
} from "./schema-table.ts";

/** An operation with its path, or the name of its webhook. */
interface PlacedOperation {
  readonly method: string;
  readonly place: string;
  readonly operation: oas31.OperationObject;
}

const methods = ["get", "post", "patch"];

/** The reference page with the whole document, without scripts and external resources. */
export function referencePage(document: oas31.OpenAPIObject): Page {
  const all = [...operationsIn(document.paths), ...operationsIn(document.webhooks)];
  const groups = (document.tags ?? []).map(({ name, description }) => ({
    name,
    description,
    members: all.filter(({ operation }) => operation.tags?.includes(name)),
  }));
  return {
    title: "API reference",
    head: html`<link rel="stylesheet" href="/assets/reference.css">`,
    body: html`<article class="reference">
      <h1>API reference</h1>
      ${introduction(document)}
      <nav aria-label="Operations">
        ${groups.map(({ name, members }) => html`<p><a href="#${anchor(name)}">${name}</a></p>${contents(members)}`)}
        <p><a href="#headers">Headers</a></p>
        <p><a href="#schemas">Schemas</a></p>
      </nav>
      ${groups.map(
        ({ name, description, members }) => html`<section>
          <h2 id="${anchor(name)}">${name}</h2>
          <p>${prose(description)}</p>
          ${members.map((member) => operationSection(member, document))}
        </section>`,
      )}
      ${headersSection(document)}
      ${schemasSection(document)}
    </article>`,
  };
}

function operationsIn(paths: oas31.PathsObject = {}): PlacedOperation[] {
  return Object.entries(paths).flatMap(([place, item]) =>
    Object.entries(item).flatMap(([method, operation]) =>
      methods.includes(method) ? [{ method: method.toUpperCase(), place, operation }] : [],
    ),
  );
}

function anchor(name: string): string {
  return name.toLowerCase().replaceAll(" ", "-");
}

function introduction({ info, servers = [] }: oas31.OpenAPIObject): Html {
  const paragraphs = (info.description ?? "").split("\n\n").filter((paragraph) => !paragraph.includes("\n- "));
  return html`${paragraphs.map((paragraph) => html`<p>${prose(paragraph)}</p>`)}
    <p>Base URL: <code>${servers[0]?.url}</code>.
      The same as an OpenAPI document: <a href="/openapi.json">/openapi.json</a>.</p>
    <h2 id="sources">Sources</h2>
    <p>Each part names its source, and some sentences do so in brackets.</p>
    <dl>${Object.entries(sources).map(
      ([source, words]) => html`<dt id="source-${source}">${source}</dt><dd>${words}</dd>`,
    )}</dl>`;
}

function contents(members: readonly PlacedOperation[]): Html {
  return html`<ul>${members.map(
    ({ method, place, operation }) =>
      html`<li><a href="#${operation.operationId}"><span class="method">${method}</span><span>${place}</span></a></li>`,
  )}</ul>`;
}

function operationSection({ method, place, operation }: PlacedOperation, document: oas31.OpenAPIObject): Html {
  const { operationId, summary, description, parameters = [], requestBody, responses = {}, security = [] } = operation;
  const scopes = security.flatMap((requirement) => requirement.signature ?? []);
  return html`<section aria-labelledby="${operationId}">
    <h3 id="${operationId}"><span class="method">${method}</span> <code>${place}</code></h3>
    <p>${prose(`${summary}.`)} ${prose(description)}</p>
    ${sourceInWords(operation["x-source"])}
    ${scopes.length === 0 ? "" : html`<p class="note">A signed request needs the scope ${valueList(scopes)}.</p>`}
    ${parameters.length === 0 ? "" : html`<h4>Parameters</h4>${table(parameters.flatMap(parameterRow))}`}
    ${bodySection(requestBody)}
    ${responsesSection(responses, document)}
  </section>`;
}

function parameterRow(parameter: oas31.ParameterObject | oas31.ReferenceObject): Row[] {
  if ("$ref" in parameter) return [];
  const { name, in: where, schema, required = false, description } = parameter;
  return [{ name, schema, required, description: `In the ${where}. ${description}`, source: parameter["x-source"] }];
}

function bodySection(body: oas31.RequestBodyObject | oas31.ReferenceObject | undefined): Html {
  if (body === undefined || "$ref" in body) return html``;
  return html`<h4>Body</h4>
    <p>${contentLinks(body.content)} as ${valueList(Object.keys(body.content))}.</p>
    ${sourceInWords(body["x-source"])}
    ${exampleOf("Example:", body.content)}`;
}

function responsesSection(responses: oas31.ResponsesObject, document: oas31.OpenAPIObject): Html {
  const all = Object.entries(responses).map(([status, response]) => ({
    status,
    response: resolved(response, document),
  }));
  return html`<h4>Responses</h4>
    ${grid(
      ["Status", "Body", "Meaning", "Headers", "Source"],
      all.map(({ status, response }) => [
        status,
        contentLinks(response.content),
        html`${prose(response.description)}${codesOf(response)}`,
        valueList(Object.keys(response.headers ?? {})),
        sourceLink(response["x-source"]),
      ]),
    )}
    ${all.map(({ status, response }) => exampleOf(`Example of ${status}:`, response.content))}`;
}

function codesOf(response: oas31.ResponseObject): Html {
  const codes: unknown[] | undefined = response["x-codes"];
  return codes === undefined ? html`` : html` Codes: ${valueList(codes)}.`;
}

function contentLinks(content: oas31.ContentObject = {}): Html[] {
  return Object.values(content).map(({ schema }) =>
    schema !== undefined && "$ref" in schema ? schemaLink(schema.$ref) : html``,
  );
}

function exampleOf(label: string, content: oas31.ContentObject = {}): Html[] {
  return Object.values(content).map(({ example }) =>
    example === undefined ? html`` : html`<p>${label}</p><pre>${JSON.stringify(example, null, 2)}</pre>`,
  );
}

/** Follows the reference of a response to its component. */
function resolved(
  response: oas31.ResponseObject | oas31.ReferenceObject,
  { components }: oas31.OpenAPIObject,
): oas31.ResponseObject {
  const found = "$ref" in response ? components?.responses?.[componentName(response.$ref)] : response;
  if (found === undefined || "$ref" in found)
    throw new Error("a response of the document refers to a missing component");
  return found;
}

function headersSection({ components }: oas31.OpenAPIObject): Html {
  const rows = Object.entries(components?.headers ?? {}).flatMap(([name, header]): Row[] => {
    if ("$ref" in header) return [];
    const { schema, required = false, description } = header;
    return [{ name, schema, required, description, source: header["x-source"] }];
  });
  return html`<section>
    <h2 id="headers">Headers</h2>
    ${Object.values(components?.securitySchemes ?? {}).map((scheme) =>
      "$ref" in scheme
        ? ""
        : html`<p>Requests carry <code>${scheme.name}</code>. ${prose(scheme.description)}</p>
            ${sourceInWords(scheme["x-source"])}`,
    )}
    <p>Responses carry:</p>
    ${table(rows)}
  </section>`;
}

function schemasSection({ components }: oas31.OpenAPIObject): Html {
  return html`<section>
    <h2 id="schemas">Schemas</h2>
    ${Object.entries(components?.schemas ?? {}).map(([name, schema]) =>
      "$ref" in schema
        ? ""
        : html`<section aria-labelledby="schema-${name}">
            <h3 id="schema-${name}">${name}</h3>
            <p>${prose(schema.description)}</p>
            ${sourceInWords(schema["x-source"])}
            ${
              schema.properties === undefined ? html`<p>${valueList(schema.enum ?? [])}</p>` : table(memberRows(schema))
            }
          </section>`,
    )}
  </section>`;
}
