import { createRequire } from "node:module";

/** Oldest supported versions: of Node, and of the packages that a user installs beside this one. */
const oldest = { Node: "20.19", vitest: "3.2", "@playwright/test": "1.44", pg: "8.11" } as const;

type Name = keyof typeof oldest;

/** Returns a sentence if a version is too old for its user, a part of this package. */
export function sentenceIfOld(user: string, name: Name, version: string): string | undefined {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const [oldestMajor = 0, oldestMinor = 0] = oldest[name].split(".").map(Number);
  if (major > oldestMajor || (major === oldestMajor && minor >= oldestMinor)) return undefined;
  return `${user} needs ${name} ${oldest[name]} or newer, this is ${version}.`;
}

/** Throws if the installed version of a package is too old. A bundle does not know versions: it is not checked. */
export function requireInstalled(user: string, name: Exclude<Name, "Node">): void {
  const version = installedVersion(name);
  const sentence = version === undefined ? undefined : sentenceIfOld(user, name, version);
  if (sentence !== undefined) throw new Error(sentence);
}

function installedVersion(name: string): string | undefined {
  try {
    return (createRequire(import.meta.url)(`${name}/package.json`) as { version: string }).version;
  } catch {
    return undefined;
  }
}
