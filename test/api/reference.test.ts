import { describe, expect, test } from "vitest";
import { openApiDocument } from "../../src/http/api/openapi.ts";
import { sources } from "../../src/http/api/provenance.ts";
import { createSandbox, withSandbox } from "../../src/index.ts";
import { get } from "../support/merchant.ts";

const document = openApiDocument("http://localhost", "0.0.0");

async function page(): Promise<{ text: string; headers: Headers }> {
  await using sandbox = await createSandbox();
  const { text, headers, status } = await get(sandbox, "/docs");
  expect(status).toBe(200);
  return { text, headers };
}

test("/docs has every operation with method, path, summary and source, every webhook and every schema", async () => {
  const { text } = await page();
  const groups = [document.paths, document.webhooks].flatMap((group) => Object.entries(group ?? {}));
  const operations = groups.flatMap(([place, item]) =>
    (["get", "post", "patch"] as const).flatMap((method) => {
      const operation = item[method];
      return operation === undefined ? [] : [{ place, method, operation }];
    }),
  );
  expect(operations.length).toBeGreaterThan(25);
  for (const { place, method, operation } of operations) {
    const start = text.indexOf(`<h3 id="${operation.operationId}">`);
    const section = text.slice(start, text.indexOf("</section>", start));
    expect(start, operation.operationId).toBeGreaterThan(0);
    expect(section).toContain(`<span class="method">${method.toUpperCase()}</span> <code>${place}</code>`);
    expect(section).toContain(String(operation.summary).split("`")[0]);
    expect(section).toContain(`, ${sources[operation["x-source"] as keyof typeof sources]}.</p>`.replace("'", "&#39;"));
    for (const status of Object.keys(operation.responses ?? {}))
      expect(section).toContain(`<th scope="row">${status}</th>`);
  }
  for (const name of Object.keys(document.components?.schemas ?? {})) expect(text).toContain(`id="schema-${name}"`);
});

test("/docs has ordered headings, valid anchors and unique ids", async () => {
  const { text } = await page();
  const levels = [...text.matchAll(/<h(\d)/g)].map(([, level]) => Number(level));
  expect(levels.filter((level) => level === 1)).toHaveLength(1);
  for (const [index, level] of levels.entries()) expect(level - (levels[index - 1] ?? 0)).toBeLessThanOrEqual(1);
  const ids = [...text.matchAll(/ id="([^"]*)"/g)].map(([, id]) => id);
  expect(new Set(ids).size).toBe(ids.length);
  const anchors = [...text.matchAll(/href="#([^"]*)"/g)].map(([, id]) => id);
  expect(anchors.filter((anchor) => !ids.includes(anchor))).toEqual([]);
});

test("/docs has no external resource, no external link and only its own script", async () => {
  const { text, headers } = await page();
  const links = [...text.matchAll(/ (?:href|src|action)="([^"]*)"/g)].map(([, url]) => url ?? "");
  const outside = links.filter((url) => !/^(#|\/(?!\/)|data:,$)/.test(url));
  expect(outside).toEqual([]);
  expect(text.match(/<script[^>]*>/g)).toEqual([
    expect.stringMatching(/^<script src="\/assets\/reference\.js\?v=\w+" defer>$/),
  ]);
  expect(text).not.toMatch(/<img|<iframe| style=| on\w+=/);
  expect(headers.get("content-security-policy")).toContain("default-src 'none'");
  await using sandbox = await createSandbox();
  expect((await get(sandbox, "/assets/reference.css")).headers.get("content-type")).toContain("text/css");
  expect((await get(sandbox, "/assets/reference.css")).text).not.toMatch(/url\(|@import/);
});

test("the home page has a link to /docs", async () => {
  await using sandbox = await createSandbox();
  expect((await get(sandbox, "/")).text).toContain('href="/docs"');
});

describe.each(["/openapi.json", "/docs", "/docs/control"])("%s", (target) => {
  test("needs no admin token", () =>
    withSandbox({ adminToken: "secret" }, async (sandbox) => {
      const url = await sandbox.listen();
      expect((await fetch(url + target)).status).toBe(200);
      expect((await fetch(`${url}/_sandbox/credentials`)).status).toBe(401);
    }));

  test("refuses requests from another origin", () =>
    withSandbox({}, async (sandbox) => {
      const url = await sandbox.listen();
      expect((await fetch(url + target, { headers: { Origin: "https://evil.example" } })).status).toBe(403);
    }));
});
