import type { Result } from "./result.ts";

/** What is aimed at. */
export type Aim = { readonly atLeast: number } | { readonly atMost: number };

/** A number that says how good a figure is, whatever the machine. */
export interface Ratio {
  readonly title: string;
  readonly value: number;
  readonly aim: Aim;
}

interface RatioRule {
  readonly title: string;
  readonly aim: Aim;
  /** Undefined where a figure was not measured. */
  value(find: Find): number | undefined;
}

/** Finds the median of a row of a result. */
type Find = (result: string, row: string) => number | undefined;

const statefulPeers = ["emulate", "stripe-stateful-mock"];

const rules: readonly RatioRule[] = [
  over("Creates: this sandbox over bare Hono", ["creates", "sandbox"], ["creates", "hono"], { atLeast: 0.5 }),
  {
    title: "Creates: this sandbox over the best stateful peer",
    aim: { atLeast: 1.5 },
    value: (find) => divided(find("creates", "sandbox"), best(find, "creates")),
  },
  over("Reads: this sandbox over bare Hono", ["reads", "sandbox"], ["reads", "hono"], { atLeast: 0.5 }),
  over(
    "Signed creates: this sandbox over bare Hono and one P-256 verify",
    ["signed", "sandbox"],
    ["signed", "hono-signed"],
    { atLeast: 0.6 },
  ),
  over(
    "Creates captured at once: a receiver that takes 1 s over one that answers at once",
    ["captured", "sandbox-slow"],
    ["captured", "sandbox"],
    { atLeast: 0.9 },
  ),
  over("Cold start: this sandbox over bare Hono", ["start", "sandbox"], ["start", "hono"], { atMost: 1.5 }),
  kilobytes("Heap a pending payment, in KB", "pending", 1.5),
  kilobytes("Heap a payment that is paid and notified, in KB", "paid", 4),
  ...["reads", "first-page", "status", "reference", "empty", "advance"].map(growthRule),
  over("PostgreSQL: this sandbox over the bare driver", ["postgres", "sandbox"], ["postgres", "driver"], {
    atLeast: 0.5,
  }),
];

/** The ratios of the figures that were measured. */
export function ratiosOf(results: readonly Result[]): Ratio[] {
  const find: Find = (result, row) => {
    const value = results.find(({ name }) => name === result)?.rows.find(({ name }) => name === row)?.value;
    return value === undefined || value === "cannot" ? undefined : value.median;
  };
  const largest = results.find(({ name }) => name === "growth-reads")?.rows.at(-1)?.title ?? "";
  return rules.flatMap(({ title, aim, value }) => {
    const found = value(find);
    return found === undefined ? [] : [{ title: title.replace("{largest}", largest), aim, value: found }];
  });
}

export function isReached({ value, aim }: Ratio): boolean {
  return "atLeast" in aim ? value >= aim.atLeast : value <= aim.atMost;
}

function over(title: string, above: [string, string], below: [string, string], aim: Aim): RatioRule {
  return { title, aim, value: (find) => divided(find(...above), find(...below)) };
}

function kilobytes(title: string, row: string, atMost: number): RatioRule {
  return { title, aim: { atMost }, value: (find) => divided(find("heap", row), 1024) };
}

/** How much of a rate is left in the largest world. */
function growthRule(measure: string): RatioRule {
  const sizes = ["1000000", "100000", "10000"];
  return {
    title: `Growth, ${measure}: {largest} over 1,000`,
    aim: { atLeast: 0.75 },
    value: (find) => {
      const large = sizes.map((size) => find(`growth-${measure}`, size)).find((value) => value !== undefined);
      return divided(large, find(`growth-${measure}`, "1000"));
    },
  };
}

function best(find: Find, result: string): number | undefined {
  const values = statefulPeers.map((peer) => find(result, peer)).filter((value) => value !== undefined);
  return values.length === 0 ? undefined : Math.max(...values);
}

function divided(above: number | undefined, below: number | undefined): number | undefined {
  return above === undefined || below === undefined ? undefined : above / below;
}
