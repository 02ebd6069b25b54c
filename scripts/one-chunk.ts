import { join } from "node:path";
import type { Plugin } from "esbuild";

/**
 * Keeps the code of a module in one chunk. By itself, esbuild splits it by the late parts that use it too: then a start
 * reads twenty files. Here each late part imports the whole module, which is loaded before it anyway.
 * @param entries further entry points that are late parts.
 */
export const oneChunk = (whole: string, entries: readonly string[]): Plugin => ({
  name: "one-chunk",
  setup(build) {
    build.onResolve({ filter: /^\./ }, ({ kind, path, resolveDir }) =>
      kind === "dynamic-import" ? { namespace: "late", path: join(resolveDir, path) } : undefined,
    );
    build.onResolve({ filter: /./ }, ({ kind, path, resolveDir }) =>
      kind === "entry-point" && entries.includes(path)
        ? { namespace: "late", path: join(resolveDir, path) }
        : undefined,
    );
    build.onLoad({ filter: /./, namespace: "late" }, ({ path }) => ({
      contents: [`import ${JSON.stringify(whole)};`, `export * from ${JSON.stringify(path)};`].join("\n"),
      resolveDir: join(path, ".."),
    }));
  },
});
