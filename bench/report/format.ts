import type { Value } from "./result.ts";

/** A number with about three digits that matter. */
export function formatNumber(value: number): string {
  const digits = value >= 100 ? 0 : value >= 10 ? 1 : 2;
  return value.toLocaleString("en", { maximumFractionDigits: digits });
}

export function formatValue(value: Value): string {
  return value === "cannot" ? value : formatNumber(value.median);
}
