import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/**
 * Returns the license texts of the packages that a bundle contains.
 * @param inputs the files of the bundle, relative to `root`.
 */
export function licensesOf(root: string, inputs: readonly string[]): string {
  const packages = inputs.flatMap((path) => /^node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path) ?? []);
  const texts = [...new Set(packages)].sort().map((folder) => {
    return `${folder.slice("node_modules/".length)}\n\n${licenseIn(join(root, folder)).trim()}\n`;
  });
  return texts.join("\n---\n\n");
}

/** The license text of a package, or what its description says if it has no such file. */
function licenseIn(folder: string): string {
  const file = readdirSync(folder).find((name) => /^licen[cs]e/i.test(name));
  if (file !== undefined) return readFileSync(join(folder, file), "utf8");
  const { license, author } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Manifest;
  if (license === undefined || author === undefined) throw new Error(`${folder} has no license`);
  return `License: ${license}. Author: ${typeof author === "string" ? author : author.name}.`;
}

interface Manifest {
  readonly license?: string;
  readonly author?: string | { readonly name: string };
}
