import { readdirSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { build, type Plugin } from "esbuild";
import { benchFolder, programsFolder, root } from "./paths.ts";

/** The programs use the product as a merchant does: as it was built. */
const builtProduct: Plugin = {
  name: "built-product",
  setup: ({ onResolve }) => {
    const path = pathToFileURL(join(root, "dist/index.js")).href;
    onResolve({ filter: /^alipay-hk-sandbox$/ }, () => ({ path, external: true }));
  },
};

/** Bundles each program into one file, as the product is, so that all of them start by the same means. */
export async function buildPrograms(): Promise<void> {
  const programs = join(benchFolder, "programs");
  await build({
    entryPoints: readdirSync(programs).map((name) => join(programs, name)),
    outdir: programsFolder,
    bundle: true,
    packages: "external",
    plugins: [builtProduct],
    platform: "node",
    format: "esm",
    target: "node20.19",
    logLevel: "warning",
  });
}
