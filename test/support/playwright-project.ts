import { makeProject } from "./project.ts";

/** Result of one test. */
export interface PlaywrightResult {
  readonly title: string;
  readonly status: string;
  readonly annotations: readonly { readonly type: string; readonly description?: string }[];
  readonly errors: readonly { readonly message?: string }[];
}

interface Report {
  suites: { specs: { title: string; tests: { results: Omit<PlaywrightResult, "title">[] }[] }[] }[];
}

/**
 * Runs a file of a Playwright project with the built package, one test after another.
 * @param file a file with tests, or `--config=FILE`.
 * @param source folder of the project, as `makeProject` takes it.
 */
export async function runPlaywright(
  file: string,
  environment: Readonly<Record<string, string>> = {},
  source = "playwright",
): Promise<{ readonly code: number | null; readonly results: readonly PlaywrightResult[] }> {
  const project = makeProject(source);
  try {
    const args = ["test", file, "--reporter=json", "--workers=1"];
    const { code, out, err } = await project.run("@playwright/test/cli.js", args, environment);
    if (!out.startsWith("{")) throw new Error(out + err);
    const specs = (JSON.parse(out) as Report).suites.flatMap((suite) => suite.specs);
    const results = specs.flatMap(({ title, tests }) =>
      tests.flatMap(({ results }) => results.map((result) => ({ ...result, title }))),
    );
    return { code, results };
  } finally {
    project.remove();
  }
}
