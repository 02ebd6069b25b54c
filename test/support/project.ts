import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
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

/** @param name folder of `test/package/projects` with the files of the project. */
export function makeProject(name: string): Project {
  const folder = mkdtempSync(join(tmpdir(), "project-"));
  cpSync(join(root, "test/package/projects", name), folder, { recursive: true });
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
  const own = join(folder, "node_modules");
  mkdirSync(own);
  for (const entry of readdirSync(modules)) {
    if (!entry.startsWith(".")) symlinkSync(join(modules, entry), join(own, entry));
  }
  const installed = join(own, "alipay-hk-sandbox");
  for (const part of ["package.json", "dist"]) cpSync(join(root, part), join(installed, part), { recursive: true });
  return {
    folder,
    run: (program, args, environment = {}) => {
      const env = { PATH: process.env.PATH, ...environment };
      return runProgram(folder, process.execPath, [join(modules, program), ...args], env);
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
