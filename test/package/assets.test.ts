import { join } from "node:path";
import { build } from "esbuild";
import { expect, test } from "vitest";
import { inlineFiles } from "../../scripts/inline-files.ts";
import { createPayment, get } from "../support/merchant.ts";

const builtIndex = new URL("../../dist/index.js", import.meta.url).href;

test.each([
  ["src/http/ui/files.ts", [".stripe{", ".checkout .amount{", ".switch span{"]],
  ["src/http/pages/files.ts", ["showTimeLeft"]],
  ["src/http/inspector/files.ts", [".panes{", "beforeAttributeUpdated", "var Idiomorph="]],
  ["src/http/docs/files.ts", [".reference table{", "applyFilter", "showCurrent"]],
  ["src/demo/files.ts", [".catalogue{", "restoreFocus"]],
])("a bundle of %s contains its style sheets and scripts, and reads no files", async (entry, parts) => {
  const { outputFiles } = await build({
    absWorkingDir: join(import.meta.dirname, "../.."),
    entryPoints: [entry],
    bundle: true,
    write: false,
    packages: "external",
    platform: "node",
    format: "esm",
    plugins: [inlineFiles],
  });
  const bundle = outputFiles[0]?.text ?? "";
  for (const part of parts) expect(bundle).toContain(part);
  expect(bundle).not.toContain("import.meta.url");
  expect(bundle).not.toMatch(/readFileSync\(/);
});

test("the page of a payment has less than 30 KB, with its style sheet, script and mark", async () => {
  const { createSandbox } = (await import(builtIndex)) as typeof import("../../src/index.ts");
  await using sandbox = await createSandbox();
  const { nextStep } = await createPayment(sandbox);
  for (const language of ["en", "zh-HK", "zh-CN"]) {
    const { text } = await get(sandbox, `${nextStep.redirect.url}?view=qr&lang=${language}`);
    const files = [...text.matchAll(/"(\/assets\/[^"]*)"/g)].map(([, file = ""]) => file);
    expect(files).toHaveLength(3);
    const loaded = await Promise.all(files.map(async (file) => (await get(sandbox, file)).text));
    const sizes = [text, ...loaded].map((part) => Buffer.byteLength(part));
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(30_000);
  }
});
