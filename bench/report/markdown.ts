import { formatNumber, formatValue } from "./format.ts";
import { isReached, type Ratio, ratiosOf } from "./ratios.ts";
import type { Result } from "./result.ts";
import type { Run } from "./run.ts";

/** The page of the benchmarks: ratios first, then the figures, then the machine. */
export function markdownOf(run: Run, results: readonly Result[]): string {
  const { machine } = run;
  return `# Benchmarks

\`npm run bench\` writes this page. It measures everything in one run and in turns (A B C, A B C, ...), so compare the
ratios: another machine has other figures, and similar ratios.

${ratioTable(ratiosOf(results))}
![The figures below as bars](pictures/benchmarks.svg)

## Figures

Medians of ${run.turns} turns (${run.startTurns} for the cold start). The spread is the least and the greatest.
"cannot": the target cannot do this.

${results.map(resultTable).join("\n")}
## Run

- Date: ${run.date}
- Machine: ${machine.model}, ${machine.cores} cores, ${machine.memoryGigabytes} GB of memory
- Node ${machine.node}, ${machine.system}
- Load average before the run: ${machine.loadAverage.toFixed(2)}
- Load generator: ${run.generator}, in a process of its own
- The sandbox runs with the defaults of \`serve\`: request log, console log and signatures are on.
- The floors make an id, keep the payment in a Map and answer six members. Bare Hono validates the body with Zod.

\`npm run bench -- --quick\` takes about two minutes and writes to the console only. \`--only start,throughput\` picks
figures, and \`--all\` adds the generic mocks.
`;
}

function ratioTable(ratios: readonly Ratio[]): string {
  const rows = ratios.map((ratio) => {
    const { title, value, aim } = ratio;
    const aimed = "atLeast" in aim ? `at least ${aim.atLeast}` : `at most ${aim.atMost}`;
    return `| ${title} | ${value.toFixed(2)} | ${aimed} | ${isReached(ratio) ? "yes" : "no"} |\n`;
  });
  return `| ratio | now | aim | reached |\n|---|---|---|---|\n${rows.join("")}`;
}

function resultTable({ title, unit, better, rows, notes }: Result): string {
  const lines = rows.map((row) => `| ${row.title} | ${formatValue(row.value)} | ${spreadOf(row.value)} |\n`);
  const remark = [...notes, `${better === "higher" ? "More" : "Less"} is better.`].join(" ");
  return `### ${title}\n\n${remark}\n\n| | ${unit} | spread |\n|---|---|---|\n${lines.join("")}`;
}

function spreadOf(value: Result["rows"][number]["value"]): string {
  if (value === "cannot" || value.min === value.max) return "";
  return `${formatNumber(value.min)} to ${formatNumber(value.max)}`;
}
