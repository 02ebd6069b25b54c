import { html } from "hono/html";
import type { oas31 } from "zod-openapi";
import { sources } from "../api/provenance.ts";
import { addressOfAsset } from "../ui/assets.ts";
import type { Html } from "../ui/html.ts";
import type { Page } from "../ui/layout.ts";
import { mark } from "../ui/mark.ts";
import { contents } from "./contents.ts";
import { script, stylesheet } from "./files.ts";
import { anchorOf, groupsOf, type PlacedOperation } from "./operations.ts";
import {
  componentName,
  grid,
  prose,
  type Row,
  schemaDetails,
  sourceInWords,
  sourceLink,
  table,
  valueList,
  valueWords,
} from "./schema-table.ts";

/** The reference pages, with the OpenAPI document that each one shows. */
const references = {
  api: { path: "/docs", title: "API reference", link: "API", documentPath: "/openapi.json" },
  control: {
    path: "/docs/control",
    title: "Control API reference",
    link: "Control API",
    documentPath: "/_sandbox/openapi.json",
  },
} as const;
export type ReferenceName = keyof typeof references;

/** A reference page with the whole document. Its script adds only the search and the mark of the current section. */
export function referencePage(name: ReferenceName, document: oas31.OpenAPIObject): Page {
  const { title, documentPath } = references[name];
  const groups = groupsOf(document);
  return {
    title,
    shape: "wide",
    bar: bar(name),
    head: html`<link rel="stylesheet" href="${addressOfAsset(stylesheet)}">
    <script src="${addressOfAsset(script)}" defer></script>`,
    body: html`<div class="reference">
      ${contents(groups, ["Headers", "Schemas"])}
      <article>
        <h1>${title}</h1>
        ${introduction(document, documentPath)}
        ${groups.map(
          ({ name, description, members }) => html`<section>
            <h2 id="${anchorOf(name)}">${name}</h2>
            <p>${prose(description)}</p>
            ${members.map((member) => operationSection(member, document))}
          </section>`,
        )}
        ${headersSection(document)}
        ${schemasSection(document)}
      </article>
    </div>`,
  };
}

function bar(current: ReferenceName): Html {
  return html`<div class="bar">
      <a class="brand" href="/">${mark}<span>Alipay HK sandbox</span></a>
      <nav aria-label="References">${Object.entries(references).map(
        ([name, { path, link }]) =>
          html`<a href="${path}" ${name === current ? html`aria-current="page"` : ""}>${link}</a>`,
      )}</nav>
    </div>`;
}

function introduction({ info, servers = [], components }: oas31.OpenAPIObject, documentPath: string): Html {
  const paragraphs = (info.description ?? "").split("\n\n").filter((paragraph) => !paragraph.includes("\n- "));
  return html`${paragraphs.map((paragraph) => html`<p>${prose(paragraph)}</p>`)}
    <p>Base URL: <code>${servers[0]?.url}</code>.
      The same as an OpenAPI document: <a href="${documentPath}">${documentPath}</a>.</p>
    ${components?.headers === undefined ? "" : sourcesSection()}`;
}

function sourcesSection(): Html {
  return html`<h2 id="sources">Sources</h2>
    <p>Each part names its source, and some sentences do so in brackets.</p>
    <dl>${Object.entries(sources).map(
      ([source, words]) => html`<dt id="source-${source}">${source}</dt><dd>${words}</dd>`,
    )}</dl>`;
}

/** The section of an operation. Within a world it refers to the operation at the root. */
function operationSection(placed: PlacedOperation, document: oas31.OpenAPIObject): Html {
  const { id, method, place, operation, atRoot } = placed;
  const { summary, description } = operation;
  return html`<section aria-labelledby="${id}">
    <h3 id="${id}"><span class="method">${method}</span> <code>${place}</code></h3>
    <p class="note"><a href="#${id}">${id}</a></p>
    <p>${prose(`${summary}.`)} ${prose(description)}</p>
    ${atRoot === undefined ? details(operation, document) : reference(atRoot)}
  </section>`;
}

function reference({ id, method, place }: PlacedOperation): Html {
  return html`<p>For the world in the path. Otherwise the same as
    <a href="#${id}">${method} <code>${place}</code></a>.</p>`;
}

function details(operation: oas31.OperationObject, document: oas31.OpenAPIObject): Html {
  const { parameters = [], requestBody, responses = {} } = operation;
  return html`${sourceInWords(operation["x-source"])}
    ${securityNote(operation)}
    ${parameters.length === 0 ? "" : html`<h4>Parameters</h4>${table(parameters.flatMap(parameterRow))}`}
    ${bodySection(requestBody)}
    ${responsesSection(responses, document)}`;
}

function securityNote({ security = [] }: oas31.OperationObject): Html {
  if (security.some(({ adminToken }) => adminToken)) {
    return html`<p class="note">Needs the <a href="#headers">admin token</a>, if it is configured.</p>`;
  }
  const scopes = security.flatMap((requirement) => requirement.signature ?? []);
  return scopes.length === 0
    ? html``
    : html`<p class="note">A signed request needs the scope ${valueList(scopes)}.</p>`;
}

function parameterRow(parameter: oas31.ParameterObject | oas31.ReferenceObject): Row[] {
  if ("$ref" in parameter) return [];
  const { name, in: where, schema, required = false, description } = parameter;
  return [{ name, schema, required, description: `In the ${where}. ${description}`, source: parameter["x-source"] }];
}

function bodySection(body: oas31.RequestBodyObject | oas31.ReferenceObject | undefined): Html {
  if (body === undefined || "$ref" in body) return html``;
  return html`<h4>Body</h4>
    ${Object.entries(body.content).map(([type, { schema }]) => {
      const name = schema !== undefined && "$ref" in schema ? valueWords(schema) : "An object";
      return html`<p>${name} as <code>${type}</code>${body.required ? "" : ", optional"}.</p>${schemaDetails(schema)}`;
    })}
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
        Object.values(response.content ?? {}).map(({ schema }) => valueWords(schema)),
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
        : html`<p>Requests carry <code>${scheme.name ?? `Authorization: ${scheme.scheme}`}</code>.
              ${prose(scheme.description)}</p>
            ${sourceInWords(scheme["x-source"])}`,
    )}
    ${rows.length === 0 ? "" : html`<p>Responses carry:</p>${table(rows)}`}
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
            ${schemaDetails(schema)}
          </section>`,
    )}
  </section>`;
}
