import { formatNumber, formatValue } from "./format.ts";
import { isReached, ratiosOf } from "./ratios.ts";
import type { Result } from "./result.ts";

/** A result as lines for a terminal. */
export function resultText({ title, unit, rows }: Result): string {
  const width = Math.max(...rows.map((row) => row.title.length));
  const lines = rows.map(({ title: name, value }) => {
    const spread = value === "cannot" ? "" : `   (${formatNumber(value.min)} to ${formatNumber(value.max)})`;
    return `  ${name.padEnd(width)}  ${formatValue(value).padStart(9)}${spread}\n`;
  });
  return `${title}, ${unit}\n${lines.join("")}`;
}

export function ratiosText(results: readonly Result[]): string {
  const lines = ratiosOf(results).map((ratio) => {
    const { title, value, aim } = ratio;
    const aimed = "atLeast" in aim ? `at least ${aim.atLeast}` : `at most ${aim.atMost}`;
    return `  ${value.toFixed(2).padStart(6)}  ${isReached(ratio) ? "   " : "not"} ${aimed.padEnd(13)}  ${title}\n`;
  });
  return `Ratios\n${lines.join("")}`;
}
