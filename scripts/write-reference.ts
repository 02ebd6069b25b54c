import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { assertionsReference } from "./reference/assertions.ts";
import { contractReference } from "./reference/contract.ts";
import { optionsReference } from "./reference/options.ts";
import { rehearsalReference } from "./reference/rehearsal.ts";
import { routesReference } from "./reference/routes.ts";
import { settingsReference } from "./reference/settings.ts";

const files = [
  { file: "assertions.md", content: assertionsReference() },
  { file: "contract.md", content: contractReference() },
  { file: "options.md", content: optionsReference() },
  { file: "rehearsal.md", content: rehearsalReference() },
  { file: "routes.md", content: await routesReference() },
  { file: "settings.md", content: settingsReference() },
];

const folder = join(import.meta.dirname, "../docs/reference");
mkdirSync(folder, { recursive: true });
for (const { file, content } of files) writeFileSync(join(folder, file), content);
