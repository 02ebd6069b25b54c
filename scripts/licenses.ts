import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/**
 * Returns the license texts of the packages that a bundle contains.
 * @param inputs the files of the bundle, relative to `root`.
 */
export function licensesOf(root: string, inputs: readonly string[]): string {
  const packages = inputs.flatMap((path) => /^node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path) ?? []);
  const texts = [...new Set(packages)].sort().map((folder) => {
    const file = readdirSync(join(root, folder)).find((name) => /^licen[cs]e/i.test(name));
    if (file === undefined) throw new Error(`${folder} has no license`);
    return `${folder.slice("node_modules/".length)}\n\n${readFileSync(join(root, folder, file), "utf8").trim()}\n`;
  });
  return texts.join("\n---\n\n");
}
