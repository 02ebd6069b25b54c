import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { routesReference } from "../../scripts/reference/routes.ts";

test("docs/reference/routes.md is up to date: npx tsx scripts/write-reference.ts writes it", async () => {
  const file = new URL("../../docs/reference/routes.md", import.meta.url);
  expect(readFileSync(file, "utf8")).toBe(await routesReference());
});
