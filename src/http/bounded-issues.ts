import { z } from "zod";

/** Maximum number of issues that are kept of one list or object. The others are counted. */
const issuesMax = 50;

/** Keeps the first issues of a check and counts the others, so that a wrong document takes bounded memory. */
export class BoundedIssues {
  readonly #issues: z.core.$ZodRawIssue[];
  #kept = 0;
  #others = 0;

  constructor(issues: z.core.$ZodRawIssue[]) {
    this.#issues = issues;
  }

  add(issue: z.core.$ZodRawIssue): void {
    if (this.#kept < issuesMax) {
      this.#kept += 1;
      this.#issues.push(issue);
    } else this.#others += issueCount(issue as z.core.$ZodIssue);
  }

  /** Adds one issue that stands for those that were not kept. */
  end(): void {
    if (this.#others === 0) return;
    const message = `has ${this.#others} more errors`;
    this.#issues.push({ code: "custom", message, input: null, params: { count: this.#others } });
  }
}

/** The number of errors that an issue stands for. */
export function issueCount(issue: z.core.$ZodIssue): number {
  if (issue.code === "unrecognized_keys") return issue.keys.length;
  return issue.code === "custom" ? ((issue.params?.count as number | undefined) ?? 1) : 1;
}

/** The schema of a list whose items are checked one after another. Its output has the items as given. */
export function listOf(item: z.ZodType): z.ZodType<unknown[]> {
  return z.array(z.unknown()).check(({ value, issues }) => checkEach(item, value.entries(), issues));
}

/** The schema of an object with any names, whose values are checked one after another. */
export function recordOf(value: z.ZodType): z.ZodType<Record<string, unknown>> {
  return z
    .record(z.string(), z.unknown())
    .check(({ value: given, issues }) => checkEach(value, Object.entries(given), issues));
}

function checkEach(
  schema: z.ZodType,
  entries: Iterable<readonly [string | number, unknown]>,
  issues: z.core.$ZodRawIssue[],
): void {
  const bounded = new BoundedIssues(issues);
  for (const [name, item] of entries) {
    const { error } = schema.safeParse(item, { reportInput: true });
    for (const issue of error?.issues ?? []) {
      bounded.add({ ...issue, path: [name, ...issue.path] } as z.core.$ZodRawIssue);
    }
  }
  bounded.end();
}
