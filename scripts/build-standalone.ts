import { readFileSync, rmSync, statSync } from "node:fs";
import { appendFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { build } from "esbuild";
import { inlineFiles } from "./inline-files.ts";
import { licensesOf } from "./licenses.ts";

/** Writes the program and all its packages as one file, which runs without `node_modules`. */
const root = join(import.meta.dirname, "..");
const outfile = join(root, "standalone/alipay-hk-sandbox.mjs");
const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { version: string };

rmSync(join(root, "standalone"), { recursive: true, force: true });

const { metafile } = await build({
  absWorkingDir: root,
  entryPoints: ["src/cli/start.ts"],
  outfile,
  bundle: true,
  // Parts that are imported late stay functions that are called late, the driver of the database among them.
  format: "esm",
  platform: "node",
  target: "node20.19",
  external: ["pg-native"],
  define: { PACKAGE_VERSION: JSON.stringify(version) },
  banner: {
    js: 'import { createRequire as requireFor } from "node:module";\nconst require = requireFor(import.meta.url);',
  },
  plugins: [inlineFiles],
  metafile: true,
  logLevel: "warning",
});
const licenses = licensesOf(root, Object.keys(metafile.inputs)).replaceAll("*/", "* /");
await appendFile(outfile, `\n/*\nThis file contains these packages:\n\n${licenses}*/\n`);

const megabytes = (statSync(outfile).size / 1e6).toFixed(1);
console.log(`${relative(process.cwd(), outfile)}: ${megabytes} MB`);
