import { join } from "node:path";
import { build } from "esbuild";
import { expect, test } from "vitest";
import { inlineFiles } from "../../scripts/inline-files.ts";

test.each([
  ["src/http/ui/files.ts", [".stripe {", ".checkout .amount {", ".switch span {"]],
  ["src/http/pages/files.ts", ["showTimeLeft"]],
  ["src/http/inspector/files.ts", [".panes {", "beforeAttributeUpdated", "var Idiomorph="]],
  ["src/http/docs/files.ts", [".reference table {", "applyFilter", "showCurrent"]],
  ["src/demo/files.ts", [".catalogue {", "restoreFocus"]],
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
