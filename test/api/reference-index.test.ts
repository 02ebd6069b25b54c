import { describe, expect, test } from "vitest";
import type { oas31 } from "zod-openapi";
import { openApiDocument } from "../../src/http/api/openapi.ts";
import { controlDocument } from "../../src/http/control/openapi.ts";
import { createSandbox } from "../../src/index.ts";
import { get } from "../support/merchant.ts";

interface Operation {
  readonly id: string;
  readonly path: string;
  readonly method: string;
  readonly tag: string;
  readonly operation: oas31.OperationObject;
}

function operationsOf({ paths, webhooks }: oas31.OpenAPIObject): Operation[] {
  return [paths, webhooks].flatMap((group) =>
    Object.entries(group ?? {}).flatMap(([path, item]) =>
      Object.entries(item as Record<string, oas31.OperationObject>).map(([method, operation]) => {
        const { operationId: id = "", tags: [tag = ""] = [] } = operation;
        return { id, path, method: method.toUpperCase(), tag, operation };
      }),
    ),
  );
}

async function show(path: string): Promise<string> {
  await using sandbox = await createSandbox();
  const { status, text } = await get(sandbox, path);
  expect(status).toBe(200);
  return text;
}

/** The content of the index, by the name of its group. */
function groupsOf(html: string): Map<string, string> {
  const [, index = ""] = /<nav id="index"[^>]*>(.*?)<\/nav>/s.exec(html) ?? [];
  const groups = [...index.matchAll(/<div class="group">\s*<p><a href="#([^"]*)">([^<]*)<\/a><\/p>(.*?)<\/div>/gs)];
  return new Map(groups.map(([, anchor = "", name = "", entries = ""]) => [name, `#${anchor} ${entries}`]));
}

const sectionOf = (html: string, id: string) => {
  const [, section = ""] = html.split(`<section aria-labelledby="${id}">`);
  return section.slice(0, section.indexOf("</section>"));
};

const control = controlDocument("http://localhost", "0.0.0");

describe.each([
  ["/docs", openApiDocument("http://localhost", "0.0.0"), "/openapi.json"],
  ["/docs/control", control, "/_sandbox/openapi.json"],
] as const)("%s", async (path, document, documentPath) => {
  const html = await show(path);
  const operations = operationsOf(document);

  test("has each operation of its document once in the index, below its tag, with method, path and summary", () => {
    const groups = groupsOf(html);
    expect([...groups.keys()]).toEqual(document.tags?.map(({ name }) => name));
    const listed = [...groups].flatMap(([tag, entries]) =>
      [...entries.matchAll(/<li><a href="#([^"]*)">(.*?)<\/a><\/li>/gs)].map(([, id, label = ""]) => {
        const [, method, place = "", summary] = /(\w+)<\/span>\s*<span>(.*?)<\/span>\s*<small>(.*?)<\/small>/s.exec(
          label,
        ) as unknown as string[];
        return `${tag}: ${id} is ${method} ${place.replaceAll("<wbr>", "")}, ${summary}`;
      }),
    );
    const expected = operations.map(
      ({ id, path, method, tag, operation }) =>
        `${tag}: ${id} is ${method} ${path}, ${operation.summary?.replaceAll("`", "").replaceAll("'", "&#39;")}`,
    );
    expect(listed.toSorted()).toEqual(expected.toSorted());
  });

  test("has a section with a stable anchor for each operation, and for each schema", () => {
    for (const { id, path, method } of operations) {
      const section = sectionOf(html, id);
      expect(section).toContain(`<h3 id="${id}"><span class="method">${method}</span> <code>${path}</code></h3>`);
      expect(section).toContain(`<a href="#${id}">${id}</a>`);
    }
    for (const name of Object.keys(document.components?.schemas ?? {})) expect(html).toContain(`id="schema-${name}"`);
  });

  test("has unique ids, links only to existing anchors, and headings in order", () => {
    const ids = [...html.matchAll(/ id="([^"]*)"/g)].map(([, id]) => id);
    expect(new Set(ids).size).toBe(ids.length);
    const anchors = [...html.matchAll(/href="#([^"]*)"/g)].map(([, id]) => id);
    expect(anchors.filter((anchor) => !ids.includes(anchor))).toEqual([]);
    const levels = [...html.matchAll(/<h(\d)/g)].map(([, level]) => Number(level));
    for (const [index, level] of levels.entries()) expect(level - (levels[index - 1] ?? 0)).toBeLessThanOrEqual(1);
  });

  test("links to its document and to the other reference, and is less than 200 KB", () => {
    expect(html).toContain(`<a href="${documentPath}">`);
    const links = [...html.matchAll(/<a href="(\/docs[^"]*)" ([^>]*)>/g)].map(([, url, rest]) => [url, rest?.trim()]);
    const current = 'aria-current="page"';
    expect(links).toEqual([
      ["/docs", path === "/docs" ? current : ""],
      ["/docs/control", path === "/docs/control" ? current : ""],
    ]);
    expect(Buffer.byteLength(html)).toBeLessThan(200_000);
  });
});

describe("/docs/control", async () => {
  const html = await show("/docs/control");

  test("has the members of a body without a name, those of each alternative, and those of items", () => {
    expect(sectionOf(html, "addNextScenario")).toMatch(/<code>times<\/code>.*number.*1 if absent/s);
    const setClock = sectionOf(html, "setClock");
    expect(setClock).toMatch(
      /Either: object.*<code>frozen<\/code>.*<code>at<\/code>.*Or: object.*<code>running<\/code>/s,
    );
    expect(sectionOf(html, "schema-ControlError")).toContain("<code>errors[].path</code>");
  });

  test("describes an operation within a world by a link to the one at the root", () => {
    const inWorld = sectionOf(html, "advanceClockInWorld");
    expect(inWorld).toMatch(/For the world in the path\..*<a href="#advanceClock">POST/s);
    expect(inWorld).not.toContain("<table>");
    expect(sectionOf(html, "advanceClock")).toContain("<table>");
    expect(sectionOf(html, "changeWorld")).toContain("<table>");
  });

  test("says which operations need the admin token", () => {
    const needs = operationsOf(control).filter(({ id }) => sectionOf(html, id).includes("admin token</a>"));
    expect(needs.map(({ id }) => id)).toContain("advanceClock");
    expect(needs.map(({ id }) => id)).not.toContain("getHealth");
    expect(html).toContain("<code>Authorization: bearer</code>");
  });

  test("has no sources and no column without content", () => {
    expect(html).not.toContain("Source");
    expect(html).not.toContain("undefined");
  });
});
