import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { Plugin } from "esbuild";

const fileRead = /\breadText\(\s*new URL\(\s*"([^"]+)",\s*import\.meta\.url,?\s*\),?\s*\)/g;

/**
 * Replaces `readText(new URL("…", import.meta.url))` in the sources by the text of that file. A bundle contains its
 * style sheets and client scripts, so it reads no files at run time.
 */
export const inlineFiles: Plugin = {
  name: "inline-files",
  setup(build) {
    build.onLoad({ filter: /[\\/]src[\\/].*\.ts$/ }, async ({ path }) => {
      const source = await readFile(path, "utf8");
      const module = pathToFileURL(path);
      const contents = source.replace(fileRead, (_, file: string) =>
        JSON.stringify(readFileSync(fileURLToPath(new URL(file, module)), "utf8")),
      );
      if (/\breadText\(\s*new\b/.test(contents))
        throw new Error(`${path} calls readText in a form that cannot be inlined`);
      return { contents, loader: "ts" };
    });
  },
};
