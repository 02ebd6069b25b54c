import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { type End, runProgram } from "../../scripts/package/programs.ts";

const root = new URL("../../", import.meta.url).pathname;
const modules = join(root, "node_modules");

/** A user's project with the built package and all packages of this repository installed. */
export interface Project {
  readonly folder: string;
  /** Runs a program of an installed package. Its environment is PATH and the given variables. */
  run(program: string, args: readonly string[], environment?: Readonly<Record<string, string>>): Promise<End>;
  remove(): void;
}

/** @param source the folder with the files of the project: a name in `test/package/projects`, or a path. */
export function makeProject(source: string): Project {
  const folder = mkdtempSync(join(tmpdir(), "project-"));
  cpSync(resolve(root, "test/package/projects", source), folder, { recursive: true });
  const manifest = join(folder, "package.json");
  if (!existsSync(manifest)) writeFileSync(manifest, '{ "type": "module" }');
  const own = join(folder, "node_modules");
  mkdirSync(own);
  for (const entry of readdirSync(modules)) {
    if (!entry.startsWith(".")) symlinkSync(join(modules, entry), join(own, entry));
  }
  const installed = join(own, "alipay-hk-sandbox");
  for (const part of ["package.json", "dist"]) cpSync(join(root, part), join(installed, part), { recursive: true });
  mkdirSync(join(own, ".bin"));
  symlinkSync(join(installed, "dist/cli.js"), join(own, ".bin/alipay-hk-sandbox"));
  return {
    folder,
    run: (program, args, environment = {}) => {
      const env = { PATH: process.env.PATH, ...environment };
      return runProgram(folder, process.execPath, [join(modules, program), ...args], env);
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
