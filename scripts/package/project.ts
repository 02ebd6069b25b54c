import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { succeed, succeedOrRetry } from "./programs.ts";

const files = join(import.meta.dirname, "files");

/** Builds the package. @returns the path of the tarball */
export async function packInto(folder: string, root: string): Promise<string> {
  await succeed(root, "npm", "pack", "--pack-destination", folder);
  const tarball = readdirSync(folder).find((name) => name.endsWith(".tgz"));
  if (tarball === undefined) throw new Error("npm pack wrote no tarball");
  return join(folder, tarball);
}

/** Makes a project with the programs of `files`. */
export function makeProject(folder: string): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "package.json"), "{}");
  cpSync(files, folder, { recursive: true });
  const source = readFileSync(join(files, "exercise.mjs"), "utf8");
  writeFileSync(
    join(folder, "exercise.cjs"),
    source.replace("export async function exercise", "exports.exercise = async function"),
  );
  for (const name of ["index-types", "fixture-types"]) {
    for (const extension of ["ts", "cts"]) cpSync(join(files, `${name}.mts`), join(folder, `${name}.${extension}`));
  }
}

/** Makes projects with the package. */
export interface Projects {
  /** The folder that has them. */
  readonly folder: string;
  /** A project with further packages, which `install` installs. */
  project(name: string, packages: readonly string[]): { readonly path: string; install(): Promise<void> };
  /** Installs the package in a project without others, once. @returns its folder */
  empty(): Promise<string>;
  /** Resolves the package beside others with a version of npm, and installs nothing. */
  resolve(npm: string, packages: readonly string[]): Promise<void>;
}

const options = ["--no-audit", "--no-fund", "--prefer-offline"];

/** @param tarball the package */
export function projectsIn(folder: string, tarball: string): Projects {
  const project = (name: string, packages: readonly string[]) => {
    const path = join(folder, name);
    const install = async () => {
      makeProject(path);
      await succeedOrRetry(path, "npm", "install", ...options, tarball, ...packages);
    };
    return { path, install };
  };
  const { path, install } = project("empty", []);
  let installed: Promise<void> | undefined;
  return {
    folder,
    project,
    empty: async () => {
      installed ??= install();
      await installed;
      return path;
    },
    resolve: async (npm, packages) => {
      const resolving = mkdtempSync(join(folder, "resolving-"));
      writeFileSync(join(resolving, "package.json"), "{}");
      const args = ["npm", "install", "--package-lock-only", ...options, tarball, ...packages];
      await succeedOrRetry(resolving, "npx", "--yes", "--package", npm, ...args);
    },
  };
}
