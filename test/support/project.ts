import { spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const root = new URL("../../", import.meta.url).pathname;
const modules = join(root, "node_modules");

/** A user's project with the built package and all packages of this repository installed. */
export interface Project {
  readonly folder: string;
  /** Runs a program of an installed package. Its environment is PATH and the given variables. */
  run(
    program: string,
    args: readonly string[],
    environment?: Readonly<Record<string, string>>,
  ): Promise<{ readonly code: number | null; readonly out: string; readonly err: string }>;
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
    run: async (program, args, environment = {}) => {
      const env = { PATH: process.env.PATH, ...environment };
      const child = spawn(process.execPath, [join(modules, program), ...args], { cwd: folder, env });
      const output = { out: "", err: "" };
      child.stdout.setEncoding("utf8").on("data", (text) => {
        output.out += text;
      });
      child.stderr.setEncoding("utf8").on("data", (text) => {
        output.err += text;
      });
      const [code] = (await once(child, "close")) as [number | null];
      return { code, ...output };
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
