import { spawnSync } from "node:child_process";
import { chmodSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";
import { inlineFiles } from "./inline-files.ts";
import { licensesOf } from "./licenses.ts";
import { oneChunk } from "./one-chunk.ts";
import { configSchema } from "./reference/config-schema.ts";

const root = join(import.meta.dirname, "..");
const { version, dependencies, peerDependencies } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
  version: string;
  dependencies: Record<string, string>;
  peerDependencies: Record<string, string>;
};

// Files that were renamed or removed in src must not stay in dist.
rmSync(join(root, "dist"), { recursive: true, force: true });

// One file per entry and one for shared code: the program starts a third faster than from sixty modules. The shared
// code contains the small libraries, which are development dependencies.
const { metafile } = await build({
  absWorkingDir: root,
  entryPoints: {
    index: "src/index.ts",
    cli: "src/cli/main.ts",
    "fixtures/vitest": "src/fixtures/vitest.ts",
    "fixtures/playwright": "src/fixtures/playwright.ts",
  },
  outdir: "dist",
  bundle: true,
  splitting: true,
  external: [...Object.keys(dependencies), ...Object.keys(peerDependencies)],
  platform: "node",
  format: "esm",
  target: "node20.19",
  plugins: [oneChunk(join(root, "src/index.ts")), inlineFiles],
  metafile: true,
  define: { PACKAGE_VERSION: JSON.stringify(version) },
  logLevel: "warning",
});
chmodSync(join(root, "dist/cli.js"), 0o755);
writeFileSync(join(root, "dist/third-party-licenses.txt"), licensesOf(root, Object.keys(metafile.inputs)));
writeFileSync(join(root, "dist/config.schema.json"), `${JSON.stringify(configSchema(), null, 2)}\n`);

const tsc = spawnSync(join(root, "node_modules/.bin/tsc"), ["--project", "tsconfig.build.json"], {
  cwd: root,
  stdio: "inherit",
});
process.exitCode = tsc.status ?? 1;
