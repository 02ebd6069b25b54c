import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { newFile } from "../load/request-files.ts";
import { root } from "../paths.ts";
import { run } from "../processes.ts";
import { exactly, type Row } from "../report/result.ts";
import { honoFloor } from "../targets/floors.ts";
import { sandbox } from "../targets/sandbox.ts";
import type { Figure } from "./figure.ts";

const quiet = ["--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"];

export const install: Figure = async ({ peers }) => {
  const targets = [honoFloor, sandbox(), ...peers];
  const sizes: Row[] = [];
  const counts: Row[] = [];
  for (const { name, title, kind, packages } of targets) {
    const folder = await installIn(kind === "sandbox" ? [await packProduct()] : packages);
    sizes.push({ name, title, value: exactly(bytesBelow(join(folder, "node_modules")) / 1024 / 1024) });
    counts.push({ name, title, value: exactly(packagesIn(folder)) });
  }
  const shared = { better: "lower", notes: ["After npm install in an empty folder."] } as const;
  return [
    { ...shared, name: "install-size", title: "Size of an installation", unit: "MB", rows: sizes },
    { ...shared, name: "install-packages", title: "Packages of an installation", unit: "packages", rows: counts },
  ];
};

async function packProduct(): Promise<string> {
  const folder = newFile("pack");
  mkdirSync(folder);
  await run(["npm", "pack", "--ignore-scripts", "--loglevel=error", "--pack-destination", folder], root);
  const [file = ""] = readdirSync(folder);
  return join(folder, file);
}

async function installIn(packages: readonly string[]): Promise<string> {
  const folder = newFile("install");
  mkdirSync(folder);
  writeFileSync(join(folder, "package.json"), "{}");
  await run(["npm", "install", "--prefix", folder, ...quiet, ...packages], folder);
  return folder;
}

function bytesBelow(folder: string): number {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  return files.reduce((sum, { parentPath, name }) => sum + statSync(join(parentPath, name)).size, 0);
}

function packagesIn(folder: string): number {
  const lock = JSON.parse(readFileSync(join(folder, "package-lock.json"), "utf8")) as { readonly packages: object };
  return Object.keys(lock.packages).filter((path) => path !== "").length;
}
