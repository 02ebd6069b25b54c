import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { rehearsalPages } from "../../scripts/reference/rehearsal-cases.ts";

const folder = new URL("../../docs/rehearsal/", import.meta.url);
const pages = rehearsalPages();

test("the pages of the cases are up to date: npx tsx scripts/write-reference.ts writes them", () => {
  for (const { file, content } of pages) expect(readFileSync(new URL(file, folder), "utf8"), file).toBe(content);
});

test("no page is of a case that does not exist", () => {
  const files = readdirSync(new URL("cases/", folder)).map((file) => `cases/${file}`);
  expect(files.filter((file) => !pages.some((page) => page.file === file))).toEqual([]);
});
