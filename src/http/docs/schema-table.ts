import { html } from "hono/html";
import type { oas31 } from "zod-openapi";
import { type Provenance, sources } from "../api/provenance.ts";
import type { Html } from "../ui/html.ts";

type Schema = oas31.SchemaObject | oas31.ReferenceObject;

/** Converts a text with backticks: the quoted parts become code. */
export function prose(text = ""): Html[] {
  return text.split("`").map((part, at) => (at % 2 === 0 ? html`${part}` : html`<code>${part}</code>`));
}

/** The source of a part, in words; nothing in a document without sources. */
export function sourceInWords(source: unknown): Html {
  if (source === undefined) return html``;
  const words = sources[source as Provenance] ?? "unknown";
  return html`<p class="note">Source: <a href="#source-${source}">${source}</a>, ${words}.</p>`;
}

export function sourceLink(source: unknown): Html {
  return source === undefined ? html`` : html`<a href="#source-${source}">${source}</a>`;
}

/** The name of a referenced component. */
export function componentName(reference: string): string {
  return reference.slice(reference.lastIndexOf("/") + 1);
}

/** A link to the schema of a component. */
function schemaLink(reference: string): Html {
  const name = componentName(reference);
  return html`<a href="#schema-${name}">${name}</a>`;
}

/** One row of a table: a parameter, a header or a member. */
export interface Row {
  readonly name: string;
  readonly schema: Schema | undefined;
  readonly required: boolean;
  readonly description: string | undefined;
  readonly source: unknown;
}

export function table(rows: readonly Row[]): Html {
  return grid(
    ["Name", "Value", "Meaning", "Source"],
    rows.map(({ name, schema, required, description, source }) => [
      html`<code>${name}</code>${required ? "" : html`<br>optional`}`,
      valueWords(schema),
      prose(description),
      sourceLink(source),
    ]),
  );
}

type Cell = string | Html | readonly Html[];

/** A table whose first column has the row headings. It leaves out columns without content. */
export function grid(headings: readonly string[], rows: readonly (readonly Cell[])[]): Html {
  const used = headings.map((_, at) => rows.some((row) => !isEmpty(row[at])));
  const inUse = <T>(cells: readonly T[]) => cells.filter((_, at) => used[at]);
  return html`<div class="table"><table>
    <thead><tr>${inUse(headings).map((heading) => html`<th scope="col">${heading}</th>`)}</tr></thead>
    <tbody>${rows
      .map(inUse)
      .map(
        ([name = "", ...cells]) =>
          html`<tr><th scope="row">${name}</th>${cells.map((cell) => html`<td>${cell}</td>`)}</tr>`,
      )}</tbody>
  </table></div>`;
}

function isEmpty(cell: Cell = ""): boolean {
  return Array.isArray(cell) ? cell.every((part) => isEmpty(part)) : String(cell) === "";
}

/** The members or values of a schema that is no reference; for alternatives those of each. */
export function schemaDetails(schema: Schema | undefined): Html {
  if (schema === undefined || "$ref" in schema) return html``;
  const { properties, enum: values, oneOf, anyOf } = schema;
  const alternatives = oneOf ?? anyOf;
  if (alternatives !== undefined) {
    return html`${alternatives.map(
      (one, at) => html`<p>${at === 0 ? "Either" : "Or"}: ${valueWords(one)}</p>
        ${"properties" in one ? schemaDetails(one) : ""}`,
    )}`;
  }
  if (properties === undefined) return html`<p>${values === undefined ? valueWords(schema) : valueList(values)}</p>`;
  const rows = memberRows(schema);
  return rows.length === 0 ? html`` : table(rows);
}

/** The members of an object. Paths of nested members have dots. */
function memberRows(schema: oas31.SchemaObject, above = ""): Row[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, member]) => {
    const path = `${above}${name}`;
    const source = member["x-source" as keyof typeof member] ?? schema["x-source"];
    const required = schema.required?.includes(name) === true;
    const row: Row = { name: path, schema: member, required, description: member.description, source };
    if ("$ref" in member) return [row];
    const { items } = member;
    const inItems = items === undefined || "$ref" in items ? [] : memberRows(items, `${path}[].`);
    return [row, ...memberRows(member, `${path}.`), ...inItems];
  });
}

/** The type and rules of a value. */
export function valueWords(schema: Schema | undefined): Html {
  if (schema === undefined) return html``;
  if ("$ref" in schema) return schemaLink(schema.$ref);
  if (schema.type === "array" && schema.items !== undefined) return html`array of ${valueWords(schema.items)}`;
  const alternatives = schema.oneOf ?? schema.anyOf;
  if (alternatives !== undefined) {
    return html`${alternatives.map((one, at) => html`${at === 0 ? "" : " or "}${valueWords(one)}`)}`;
  }
  const here: unknown[] | undefined = schema["x-sandbox-values"];
  return html`${[schema.type ?? "any value"].flat().join(" or ")}${rulesOf(schema).map((rule) => html`, ${rule}`)}${
    here === undefined ? "" : html`; here ${valueList(here)}`
  }`;
}

function rulesOf(schema: oas31.SchemaObject): Html[] {
  const values = schema.enum ?? (schema.const === undefined ? undefined : [schema.const]);
  const { minLength, maxLength, minimum, maximum, format, pattern, default: preset } = schema;
  return [
    ...(values === undefined ? [] : [valueList(values)]),
    ...(format === undefined ? [] : [html`${format}`]),
    ...rangeOf(minLength, maxLength, " characters"),
    ...rangeOf(minimum, maximum, ""),
    ...(pattern === undefined ? [] : [html`matches <code>${pattern}</code>`]),
    ...(preset === undefined ? [] : [html`${preset} if absent`]),
  ];
}

function rangeOf(least: number | undefined, most: number | undefined, unit: string): Html[] {
  if (least === undefined) return most === undefined ? [] : [html`at most ${most}${unit}`];
  return [most === undefined ? html`at least ${least}${unit}` : html`${least} to ${most}${unit}`];
}

/** Values separated by commas. */
export function valueList(values: readonly unknown[]): Html {
  const [first, ...rest] = values.map((value) => html`<code>${String(value)}</code>`);
  return html`${first ?? ""}${rest.map((value) => html`, ${value}`)}`;
}
