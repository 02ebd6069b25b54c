import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";

const root = join(import.meta.dirname, "../..");

interface PackedFile {
  readonly path: string;
}

/** The files of the package, as npm would pack them now. */
function packedFiles(): readonly string[] {
  const args = ["pack", "--dry-run", "--json", "--ignore-scripts"];
  const output = execFileSync("npm", args, { cwd: root, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
  const packages = JSON.parse(output) as readonly { readonly files: readonly PackedFile[] }[];
  return packages.flatMap(({ files }) => files.map(({ path }) => path));
}

const files = packedFiles();

/** The files that a document in the package links to, relative to the root. */
function linksOf(document: string): string[] {
  const text = readFileSync(join(root, document), "utf8").replaceAll(/```.*?```/gs, "");
  const targets = [...text.matchAll(/\]\((?!\w+:)([^)#\s]+)/g)].map(([, target = ""]) => target);
  return targets.map((target) => join(dirname(document), target));
}

test("the package has the license, the documents and the examples, and no tests or sources", () => {
  for (const path of [
    "LICENSE",
    "README.md",
    "CHANGELOG.md",
    "docs/testing.md",
    "examples/merchant.mjs",
    "dist/cli.js",
  ]) {
    expect(files).toContain(path);
  }
  expect(files.filter((path) => /^(src|test|scripts|bench|node_modules|standalone)\//.test(path))).toEqual([]);
});

test.each(files.filter((path) => path.endsWith(".md")))("the links of %s lead to files of the package", (document) => {
  const missing = linksOf(document).filter(
    (path) => !files.some((file) => file === path || file.startsWith(`${path}/`)),
  );
  expect(missing).toEqual([]);
});
