import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, posix } from "node:path";

const relativeImport = /(\bfrom |\bimport |\bimport\()"(\.[^"]+)\.ts"/g;

/** Hono declares its types for ES modules only. */
const honoTypes = /(\bimport type .* from "hono(?:\/[^"]+)?");/g;

/** Writes the declarations that some entries need to `dist/cjs`, for TypeScript that compiles to CommonJS. */
export function writeDeclarations(dist: string, entries: readonly string[]): void {
  const written = new Set<string>();
  const write = (name: string) => {
    if (written.has(name)) return;
    written.add(name);
    const source = readFileSync(join(dist, `${name}.d.ts`), "utf8");
    const text = source
      .replace(relativeImport, (_, before: string, path: string) => {
        write(posix.join(posix.dirname(name), path));
        return `${before}"${path}.cjs"`;
      })
      .replace(honoTypes, '$1 with { "resolution-mode": "import" };');
    const file = join(dist, "cjs", `${name}.d.cts`);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  };
  for (const entry of entries) write(entry);
}
