import { join } from "node:path";
import type { Plugin } from "esbuild";

/** Leaves a module out of a bundle, which loads it from `file` instead. */
export const externalModule = (module: string, file: string): Plugin => ({
  name: "external-module",
  setup(build) {
    build.onResolve({ filter: /^\./ }, ({ path, resolveDir }) =>
      join(resolveDir, path) === module ? { path: file, external: true } : undefined,
    );
  },
});
