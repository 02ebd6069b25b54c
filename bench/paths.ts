import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export const root = join(import.meta.dirname, "..");

/** The peers and the load generator are installed here. */
export const benchFolder = import.meta.dirname;

/** The programs of the benchmark are built here: packages resolve to those of the product, not to those of a peer. */
export const programsFolder = join(root, "node_modules/.cache/bench");

export const productProgram = join(root, "dist/cli.js");

/** A folder for temporary files. It is removed when this process ends. */
export const workFolder = mkdtempSync(join(tmpdir(), "bench-"));
process.once("exit", () => rmSync(workFolder, { recursive: true, force: true }));

export const programPath = (name: string) => join(programsFolder, `${name}.js`);
