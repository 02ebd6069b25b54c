import { existsSync } from "node:fs";
import { dirname, join, relative, resolve, sep } from "node:path";
import { githubWorkflow } from "../rehearsal/init/workflow.ts";

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
