import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runProgram } from "./package/programs.ts";
import { packInto } from "./package/project.ts";

const root = join(import.meta.dirname, "..");
const linters = [
  { name: "publint", args: ["--strict"] },
  { name: "attw", args: ["--no-emoji", "--no-color"] },
];

const folder = mkdtempSync(join(tmpdir(), "package-"));
try {
  const tarball = await packInto(folder, root);
  for (const { name, args } of linters) {
    const { code, out, err } = await runProgram(root, join(root, "node_modules/.bin", name), [tarball, ...args]);
    console.log(code === 0 ? `${name}: no problems.` : `${name} ended with ${code}:\n${out}${err}`);
    if (code !== 0) process.exitCode = 1;
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
