import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { assertionsReference } from "./reference/assertions.ts";
import { contractReference } from "./reference/contract.ts";
import { optionsReference } from "./reference/options.ts";
import { rehearsalReference } from "./reference/rehearsal.ts";
import { rehearsalPages } from "./reference/rehearsal-cases.ts";
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

// A case that was removed or renamed must not keep its page.
const rehearsal = join(import.meta.dirname, "../docs/rehearsal");
rmSync(join(rehearsal, "cases"), { recursive: true, force: true });
mkdirSync(join(rehearsal, "cases"), { recursive: true });
for (const { file, content } of rehearsalPages()) writeFileSync(join(rehearsal, file), content);
