import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { fileNames, makeFile, type VectorFile } from "./vectors/files.ts";
import { openJudge } from "./vectors/judge.ts";
import { now } from "./vectors/keys.ts";

// Makes the files of fixtures/vectors: tsx scripts/write-vectors.ts. With --check it only says which would change.

const folder = join(import.meta.dirname, "../fixtures/vectors");
const { values } = parseArgs({ options: { check: { type: "boolean" } } });

Date.now = () => now * 1000;
await using sandbox = await openJudge();
mkdirSync(folder, { recursive: true });
for (const name of fileNames) {
  const path = join(folder, `${name}.json`);
  const before = existsSync(path) ? readFileSync(path, "utf8") : '{ "vectors": [] }';
  const { vectors } = JSON.parse(before) as VectorFile;
  const after = `${JSON.stringify(await makeFile(sandbox, name, vectors), null, 2)}\n`;
  if (after === before) continue;
  if (values.check) {
    console.error(`${path} is not what the recipes make: run npx tsx scripts/write-vectors.ts.`);
    process.exitCode = 1;
  } else {
    writeFileSync(path, after);
  }
}
