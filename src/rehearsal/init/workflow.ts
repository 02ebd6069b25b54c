import { existsSync } from "node:fs";
import { dirname, join, relative, resolve, sep } from "node:path";

/** A workflow, and where it belongs. */
export interface Workflow {
  /** Absolute. */
  readonly path: string;
  readonly text: string;
  /** Whether there is a `package.json` that can install the sandbox. */
  readonly hasPackage: boolean;
}

/**
 * The workflow for the repository that a folder is in: GitHub reads workflows only in the repository's root. Without a
 * repository the folder is the root.
 * @param file the plan, relative to the folder.
 */
export function workflowFor(folder: string, file: string): Workflow {
  const root = folderWith(".git", folder) ?? folder;
  const packages = ["package-lock.json", "package.json"].flatMap((name) => folderWith(name, folder, root) ?? []);
  const [project = root] = packages;
  const inFolder = relative(root, project).split(sep).join("/");
  const plan = relative(project, resolve(folder, file)).split(sep).join("/");
  return {
    path: join(root, ".github/workflows/rehearsal.yaml"),
    text: githubWorkflow(plan, inFolder),
    hasPackage: packages.length > 0,
  };
}

/** The nearest folder that has an entry of a name, from a folder upwards. @param last the last folder to look in. */
function folderWith(name: string, folder: string, last?: string): string | undefined {
  if (existsSync(join(folder, name))) return folder;
  const parent = dirname(folder);
  return folder === last || parent === folder ? undefined : folderWith(name, parent, last);
}

const quotedForShell = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;

/**
 * A workflow for GitHub Actions: the critical cases for each push, all cases every night.
 * @param file the plan, relative to the folder.
 * @param folder where `npm ci` runs, relative to the root of the repository; empty for the root.
 */
function githubWorkflow(file: string, folder: string): string {
  const rehearse = `npx --no -- alipay-hk-sandbox rehearse --file ${quotedForShell(file)}`;
  const under = folder === "" ? "" : `${folder}/`;
  const defaults = `    defaults:
      run:
        working-directory: ${JSON.stringify(folder)}
`;
  const lockFile = `          cache-dependency-path: ${JSON.stringify(`${under}package-lock.json`)}
`;
  return `# Plays the rehearsal of the Alipay HK sandbox: the critical cases for each push, all cases every night.
name: rehearsal
on:
  push:
  schedule:
    - cron: "17 3 * * *"
permissions:
  contents: read
jobs:
  rehearsal:
    runs-on: ubuntu-24.04
    timeout-minutes: 10
${under === "" ? "" : defaults}    steps:
      - uses: actions/checkout@v5
      - uses: actions/setup-node@v5
        with:
          node-version: 24
          cache: npm
${under === "" ? "" : lockFile}      - run: npm ci
      # Install here what your server needs.
      - if: github.event_name == 'push'
        run: |
          ${rehearse} --critical --report junit=rehearsal.xml,html=rehearsal.html
      - if: github.event_name == 'schedule'
        run: |
          ${rehearse} --report junit=rehearsal.xml,html=rehearsal.html
      - if: always()
        uses: actions/upload-artifact@v4
        with:
          name: rehearsal
          path: |
            ${under}rehearsal.xml
            ${under}rehearsal.html
`;
}
