const pattern = /^P(?=[\dT])(?:(\d+)W|(?:(\d+)D)?(?:T(?=\d)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d{1,3})?)S)?)?)$/;

const unitsMs = [604_800_000, 86_400_000, 3_600_000, 60_000, 1_000] as const;

const shortPattern = /^(?=\d)(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+(?:\.\d{1,3})?)s)?(?:(\d+)ms)?$/;

const shortUnitsMs = [86_400_000, 3_600_000, 60_000, 1_000, 1] as const;

/** Maximum duration in settings and scenarios, in milliseconds: 100 years. Every instant computed from it is valid. */
export const durationMaxMs = 100 * 365 * 86_400_000;

/**
 * Reads an ISO 8601 duration of weeks, days, hours, minutes and seconds (with up to three decimals).
 * Years and months have no fixed length and are not accepted.
 * @returns milliseconds, or `undefined` if the text is not such a duration.
 */
export function durationMs(text: string): number | undefined {
  return totalMs(pattern.exec(text), unitsMs);
}

/**
 * Reads a duration as people write it: as `1d`, `1h30m`, `1.5s` or `500ms`, or in ISO 8601. The HTTP APIs take only
 * ISO 8601.
 * @returns milliseconds, or `undefined` if the text is no such duration.
 */
export function shortOrIsoDurationMs(text: string): number | undefined {
  return totalMs(shortPattern.exec(text), shortUnitsMs) ?? durationMs(text);
}

function totalMs(found: RegExpExecArray | null, unitLengthsMs: readonly number[]): number | undefined {
  if (found === null) return undefined;
  const total = unitLengthsMs.reduce(
    (sum, unitMs, index) => sum + Math.round(Number(found[index + 1] ?? 0) * unitMs),
    0,
  );
  return Number.isSafeInteger(total) ? total : undefined;
}

/** Writes milliseconds as an ISO 8601 duration in days, hours, minutes and seconds: `PT30M` for 1,800,000. */
export function writeDuration(ms: number): string {
  const days = Math.floor(ms / 86_400_000);
  const hours = Math.floor(ms / 3_600_000) % 24;
  const minutes = Math.floor(ms / 60_000) % 60;
  const seconds = (ms % 60_000) / 1000;
  const part = (amount: number, letter: string) => (amount === 0 ? "" : `${amount}${letter}`);
  const time = part(hours, "H") + part(minutes, "M") + part(seconds, "S");
  if (ms === 0) return "PT0S";
  return `P${part(days, "D")}${time === "" ? "" : `T${time}`}`;
}
