const pattern = /^P(?=[\dT])(?:(\d+)W|(?:(\d+)D)?(?:T(?=\d)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d{1,3})?)S)?)?)$/;

const unitsMs = [604_800_000, 86_400_000, 3_600_000, 60_000, 1_000] as const;

/**
 * Reads an ISO 8601 duration of weeks, days, hours, minutes and seconds (with up to three decimals).
 * Years and months have no fixed length and are refused.
 * @returns milliseconds, or `undefined` where the text is no such duration.
 */
export function durationMs(text: string): number | undefined {
  const parts = pattern.exec(text)?.slice(1);
  if (parts === undefined) return undefined;
  const total = unitsMs.reduce((sum, unitMs, index) => sum + Math.round(Number(parts[index] ?? 0) * unitMs), 0);
  return Number.isSafeInteger(total) ? total : undefined;
}
