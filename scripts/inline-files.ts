import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { extname } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { type Loader, type Plugin, transform } from "esbuild";

const fileRead = /\breadText\(\s*new URL\(\s*"([^"]+)",\s*import\.meta\.url,?\s*\),?\s*\)/g;

/** Files of which a page loads the text without comments and blanks. */
const loaders: Readonly<Record<string, Loader>> = { ".css": "css", ".js": "js" };

/** The text of a file as pages load it. */
async function textOf(path: string): Promise<string> {
  const text = readFileSync(path, "utf8");
  const loader = loaders[extname(path)];
  if (loader === undefined) return text;
  return (await transform(text, { loader, minifyWhitespace: true })).code;
}

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
      const reads = [...source.matchAll(fileRead)];
      const texts = await Promise.all(reads.map(([, file = ""]) => textOf(fileURLToPath(new URL(file, module)))));
      const contents = source.replace(fileRead, () => JSON.stringify(texts.shift()));
      if (/\breadText\(\s*new\b/.test(contents))
        throw new Error(`${path} calls readText in a form that cannot be inlined`);
      return { contents, loader: "ts" };
    });
  },
};
