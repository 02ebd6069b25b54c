import { spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const root = new URL("../../", import.meta.url).pathname;
const modules = join(root, "node_modules");

/** Somebody's project that has the built package installed, and beside it all that is installed here. */
export interface Project {
  readonly folder: string;
  /** Runs a program of an installed package with an environment of PATH and what is given. */
  run(
    program: string,
    args: readonly string[],
    environment?: Readonly<Record<string, string>>,
  ): Promise<{ readonly code: number | null; readonly out: string; readonly err: string }>;
  remove(): void;
}

/** @param name a folder of `test/package/projects`, whose files it has. */
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
      const told = { out: "", err: "" };
      child.stdout.setEncoding("utf8").on("data", (text) => {
        told.out += text;
      });
      child.stderr.setEncoding("utf8").on("data", (text) => {
        told.err += text;
      });
      const [code] = (await once(child, "close")) as [number | null];
      return { code, ...told };
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
