import { describe, expect, test } from "vitest";
import { durationMs, shortOrIsoDurationMs, writeDuration } from "../../src/domain/duration.ts";

const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

describe("a duration", () => {
  test.each([
    ["PT0S", 0],
    ["P0D", 0],
    ["PT1S", second],
    ["PT90S", 90 * second],
    ["PT0.5S", 500],
    ["PT0.29S", 290],
    ["PT1.005S", 1_005],
    ["PT0.001S", 1],
    ["PT30M", 30 * minute],
    ["PT2H", 2 * hour],
    ["PT1H1S", hour + second],
    ["PT36H", 36 * hour],
    ["P1D", day],
    ["P365D", 365 * day],
    ["P1DT12H", day + 12 * hour],
    ["P1DT2H3M4.567S", day + 2 * hour + 3 * minute + 4_567],
    ["P1W", 7 * day],
    ["P52W", 364 * day],
    ["PT007S", 7 * second],
    ["PT9007199254740S", 9_007_199_254_740 * second],
  ])("%s is %i milliseconds", (text, ms) => {
    expect(durationMs(text)).toBe(ms);
  });
});

describe("a duration in a form, a flag or a file", () => {
  test.each([
    ["0s", 0],
    ["500ms", 500],
    ["45s", 45 * second],
    ["1.5s", 1_500],
    ["30m", 30 * minute],
    ["1h", hour],
    ["1h30m", hour + 30 * minute],
    ["2d", 2 * day],
    ["1d2h3m4.567s", day + 2 * hour + 3 * minute + 4_567],
    ["1m500ms", minute + 500],
    ["90m", 90 * minute],
    ["PT30M", 30 * minute],
    ["P1W", 7 * day],
  ])("%s is %i milliseconds", (text, ms) => {
    expect(shortOrIsoDurationMs(text)).toBe(ms);
  });

  test.each([
    ["", "nothing"],
    ["30", "no unit"],
    ["m", "no number"],
    ["30 m", "a blank"],
    ["30M", "upper case"],
    ["-30m", "a sign"],
    ["1.5h", "only seconds take decimals"],
    ["1.0005s", "more than three decimals"],
    ["30m1h", "the wrong order"],
    ["1h1h", "the same unit twice"],
    ["1w", "weeks are only in ISO 8601"],
    ["1y", "a year has no fixed length"],
    ["30min", "another name of the unit"],
    ["P30m", "half of ISO 8601"],
    ["9007199254741s", "too long for exact milliseconds"],
  ])("%j is not one: %s", (text) => {
    expect(shortOrIsoDurationMs(text)).toBeUndefined();
  });

  test.each(["30m", "1h30m", "2d", "500ms"])("%s is not one in ISO 8601", (text) => {
    expect(durationMs(text)).toBeUndefined();
  });
});

describe("an invalid duration", () => {
  test.each([
    ["", "nothing"],
    ["P", "no part"],
    ["PT", "no part after T"],
    ["P1DT", "no part after T"],
    ["T1S", "no P"],
    ["1D", "no P"],
    ["P1", "no unit"],
    ["PT5", "no unit"],
    ["PD", "no number"],
    ["PTS", "no number"],
    ["P1Y", "a year has no fixed length"],
    ["P1M", "a month has no fixed length"],
    ["P1Y2M3DT4H", "years and months with other units"],
    ["P1W1D", "weeks cannot have other units"],
    ["P1WT1H", "weeks cannot have other units"],
    ["PT1W", "weeks are not a time"],
    ["PT1D", "days are not a time"],
    ["P1H", "hours need a T"],
    ["P1S", "seconds need a T"],
    ["PT1S1M", "the wrong order"],
    ["PT1H1H", "the same unit twice"],
    ["PT1HT1M", "two Ts"],
    ["P1.5D", "only seconds take decimals"],
    ["PT1.5H", "only seconds take decimals"],
    ["PT0.5M", "only seconds take decimals"],
    ["P0.5W", "only seconds take decimals"],
    ["PT1.S", "no decimal after the point"],
    ["PT.5S", "no digit before the point"],
    ["PT0.0005S", "four decimals"],
    ["PT1,5S", "a comma"],
    ["-PT1S", "a sign"],
    ["PT-1S", "a sign"],
    ["+PT1S", "a sign"],
    ["pt1s", "lower case"],
    [" PT1S", "a blank before"],
    ["PT1S\n", "a line end"],
    ["PT1 S", "a blank inside"],
    ["PT1e3S", "an exponent"],
    ["PT١S", "digits of another script"],
    ["1000", "a bare number"],
    ["30m", "another notation"],
    ["PT9007199254741S", "over the largest safe number of milliseconds"],
    [`P${"9".repeat(30)}D`, "too large for a number"],
  ])("%j: %s", (text) => {
    expect(durationMs(text)).toBeUndefined();
  });
});

describe("writeDuration", () => {
  test.each([
    [0, "PT0S"],
    [1, "PT0.001S"],
    [1_500, "PT1.5S"],
    [30_000, "PT30S"],
    [60_000, "PT1M"],
    [1_800_000, "PT30M"],
    [3_600_000, "PT1H"],
    [86_400_000, "P1D"],
    [31_536_000_000, "P365D"],
    [93_784_005, "P1DT2H3M4.005S"],
  ])("writes %i ms as %s, which is read as the same value", (ms, text) => {
    expect(writeDuration(ms)).toBe(text);
    expect(durationMs(text)).toBe(ms);
  });
});
