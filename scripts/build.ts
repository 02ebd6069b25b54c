import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type BuildOptions, build } from "esbuild";
import { writeDeclarations } from "./commonjs.ts";
import { externalModule } from "./external-module.ts";
import { inlineFiles } from "./inline-files.ts";
import { licensesOf } from "./licenses.ts";
import { oneChunk } from "./one-chunk.ts";
import { configSchema } from "./reference/config-schema.ts";
import { rehearsalSchema } from "./reference/rehearsal-schema.ts";

const root = join(import.meta.dirname, "..");
const { version, dependencies, peerDependenciesMeta } = JSON.parse(
  readFileSync(join(root, "package.json"), "utf8"),
) as {
  version: string;
  dependencies: Record<string, string>;
  peerDependenciesMeta: Record<string, unknown>;
};

// Files that were renamed or removed in src must not stay in dist.
rmSync(join(root, "dist"), { recursive: true, force: true });

const index = join(root, "src/index.ts");
const main = join(root, "src/cli/main.ts");
const certificates = join(root, "src/platform/certificates.ts");
const fixtures = { "fixtures/vitest": "src/fixtures/vitest.ts", "fixtures/playwright": "src/fixtures/playwright.ts" };
const rehearsal = join(root, "src/rehearsal/index.ts");
const rehearsalTests = "src/rehearsal/vitest.ts";
/** Entries that are late parts of the program. */
const lateEntries = { "rehearsal/index": "src/rehearsal/index.ts", "rehearsal/vitest": rehearsalTests };
const define = { PACKAGE_VERSION: JSON.stringify(version) };

const options = {
  absWorkingDir: root,
  bundle: true,
  external: [...Object.keys(dependencies), ...Object.keys(peerDependenciesMeta)],
  platform: "node",
  target: "node20.19",
  metafile: true,
  logLevel: "warning",
} satisfies BuildOptions;

// One file per entry and one for shared code: the program starts a third faster than from sixty modules. The shared
// code contains the small libraries, which are development dependencies.
const { metafile } = await build({
  ...options,
  entryPoints: { index, main, ...fixtures, ...lateEntries },
  outdir: "dist",
  splitting: true,
  format: "esm",
  define,
  plugins: [oneChunk(index, Object.values(lateEntries)), inlineFiles],
});
// Its only import is the program, so that an old version of Node runs it.
await build({
  ...options,
  entryPoints: { cli: "src/cli/start.ts" },
  outdir: "dist",
  format: "esm",
  plugins: [externalModule(main, "./main.js")],
});
chmodSync(join(root, "dist/cli.js"), 0o755);
writeFileSync(join(root, "dist/third-party-licenses.txt"), licensesOf(root, Object.keys(metafile.inputs)));
writeFileSync(join(root, "dist/config.schema.json"), `${JSON.stringify(configSchema(), null, 2)}\n`);
writeFileSync(join(root, "dist/rehearsal.schema.json"), `${JSON.stringify(rehearsalSchema(), null, 2)}\n`);

// For `require`: one file per entry. The fixtures and the rehearsal load the index, so a process has one instance of
// its classes.
const commonjs: BuildOptions = {
  ...options,
  outExtension: { ".js": ".cjs" },
  format: "cjs",
  // Jest cannot import() in CommonJS, so the driver of the database is required at its first use.
  supported: { "dynamic-import": false },
  define: { ...define, "import.meta.url": "importMetaUrl" },
  banner: { js: 'const importMetaUrl = require("node:url").pathToFileURL(__filename).href;' },
};
// The library for certificates is large and rarely used: it has a file of its own.
const lateCertificates = externalModule(certificates, "./certificates.cjs");
const withRehearsal = `export * from ${JSON.stringify(index)};
export const loadRehearsal = () => require(${JSON.stringify(rehearsal)});`;
await build({
  ...commonjs,
  stdin: { contents: withRehearsal, resolveDir: root },
  outfile: "dist/cjs/index.cjs",
  plugins: [lateCertificates, inlineFiles],
});
mkdirSync(join(root, "dist/cjs/rehearsal"), { recursive: true });
writeFileSync(
  join(root, "dist/cjs/rehearsal/index.cjs"),
  '"use strict";\nmodule.exports = require("../index.cjs").loadRehearsal();\n',
);
const inFolder = { ...commonjs, outdir: "dist/cjs" };
await build({ ...inFolder, entryPoints: { certificates } });
await build({ ...inFolder, entryPoints: fixtures, plugins: [externalModule(index, "../index.cjs")] });
const lateRehearsal = externalModule(rehearsal, "./index.cjs");
await build({ ...inFolder, entryPoints: { "rehearsal/vitest": rehearsalTests }, plugins: [lateRehearsal] });

const tsc = spawnSync(join(root, "node_modules/.bin/tsc"), ["--project", "tsconfig.build.json"], {
  cwd: root,
  stdio: "inherit",
});
process.exitCode = tsc.status ?? 1;
if (tsc.status === 0) writeDeclarations(join(root, "dist"), ["index", ...Object.keys({ ...fixtures, ...lateEntries })]);
