import { describe, expect, test } from "vitest";
import { type CodeSettings, defaultSettings, readCodeSettings } from "../../src/domain/settings.ts";
import type { WorldSettings } from "../../src/domain/world.ts";
import { hkd } from "../support/records.ts";

const hundredYears = 3_153_600_000_000;
const longestTimer = 2_147_483_647;

function read(given: Partial<CodeSettings>): { settings: Partial<WorldSettings>; complaints: string[] } {
  const complaints: string[] = [];
  return { settings: readCodeSettings(given, (complaint) => complaints.push(complaint)), complaints };
}

/** Reads settings without the checks of the compiler. */
function readUntyped(json: string): ReturnType<typeof read> {
  return read(JSON.parse(json));
}

const names = [
  "merchantName",
  "merchantLogo",
  "webhookUrl",
  "webhookTimeoutMs",
  "webhookTls",
  "expiryMs",
  "outcomeDelayMs",
  "refundDelayMs",
  "refundWindowMs",
  "amountMax",
  "magicAmounts",
  "returnDelayMs",
  "contract",
];

const milliseconds = {
  webhookTimeoutMs: longestTimer,
  expiryMs: hundredYears,
  outcomeDelayMs: hundredYears,
  refundDelayMs: hundredYears,
  refundWindowMs: hundredYears,
  returnDelayMs: longestTimer,
};
const durations = Object.entries(milliseconds).map(([name, max]) => ({ name, max }));
const amountAllowed = "an amount in HKD of at least 0.1, with at most two decimals";

describe("a setting in code", () => {
  test.each<[given: Partial<CodeSettings>, inside: Partial<WorldSettings>]>([
    [{}, {}],
    [{ merchantName: "Café 訂單" }, { merchantName: "Café 訂單" }],
    [{ webhookUrl: "http://localhost:3000/hook" }, { webhookUrl: "http://localhost:3000/hook" }],
    [{ webhookUrl: undefined, expiryMs: 1 }, { expiryMs: 1 }],
    [{ amountMax: 0.1 }, { amountMax: hkd(0.1) }],
    [{ amountMax: 8888.9 }, { amountMax: hkd(8888.9) }],
    [{ amountMax: 1e12 }, { amountMax: hkd(1e12) }],
    [
      { merchantName: "A", webhookTimeoutMs: 1, expiryMs: 2, refundDelayMs: 3, refundWindowMs: 4, returnDelayMs: 5 },
      { merchantName: "A", webhookTimeoutMs: 1, expiryMs: 2, refundDelayMs: 3, refundWindowMs: 4, returnDelayMs: 5 },
    ],
  ])("is read from %j", (given, inside) => {
    expect(read(given)).toEqual({ settings: inside, complaints: [] });
  });

  test.each(durations)("$name can be a whole number of milliseconds from 0 to $max", ({ name, max }) => {
    for (const ms of [0, 1, 500, max - 1, max]) {
      expect(read({ [name]: ms })).toEqual({ settings: { [name]: ms }, complaints: [] });
    }
    for (const ms of [-1, 0.5, max + 1, Number.MAX_SAFE_INTEGER, 1e300]) {
      const complaint = `${name} is ${JSON.stringify(ms)}; expected a whole number of milliseconds from 0 to ${max}`;
      expect(read({ [name]: ms })).toEqual({ settings: {}, complaints: [complaint] });
    }
  });

  test.each(durations)("$name cannot be a duration text or another type", ({ name, max }) => {
    for (const value of ['"PT30M"', '"30"', '""', "null", "true", "[]", "[30]", "{}"]) {
      const complaint = `${name} is ${value}; expected a whole number of milliseconds from 0 to ${max}`;
      expect(readUntyped(`{"${name}":${value}}`)).toEqual({ settings: {}, complaints: [complaint] });
    }
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY])
      expect(read({ [name]: value }).complaints).toHaveLength(1);
  });

  test.each([
    ['{"merchantName":""}', 'merchantName is ""; expected a text that is not empty'],
    ['{"merchantName":7}', "merchantName is 7; expected a text that is not empty"],
    ['{"webhookUrl":"/hook"}', 'webhookUrl is "/hook"; expected an http or https URL without user name'],
    ['{"webhookUrl":null}', "webhookUrl is null; expected an http or https URL without user name"],
    ['{"webhookTls":"none"}', 'webhookTls is "none"; expected verify or accept_any'],
    ['{"magicAmounts":"yes"}', 'magicAmounts is "yes"; expected true or false'],
    ['{"amountMax":0.09}', `amountMax is 0.09; expected ${amountAllowed}`],
    ['{"amountMax":0.105}', `amountMax is 0.105; expected ${amountAllowed}`],
    ['{"amountMax":"500"}', `amountMax is "500"; expected ${amountAllowed}`],
  ])("cannot be %s", (json, complaint) => {
    expect(readUntyped(json)).toEqual({ settings: {}, complaints: [complaint] });
  });

  test.each(["expiry", "webhookTimeout", "ExpiryMs", "", "__proto__", "constructor", "toString", "hasOwnProperty"])(
    "of the name %j is unknown",
    (name) => {
      const { settings, complaints } = readUntyped(`{${JSON.stringify(name)}:1}`);
      expect(settings).toEqual({});
      expect(Object.getPrototypeOf(settings)).toBe(Object.prototype);
      expect(complaints).toEqual([`${name} is unknown; expected one of ${names.join(", ")}`]);
    },
  );

  test("with an error does not prevent the reading of others", () => {
    const { settings, complaints } = readUntyped('{"expiryMs":-1,"amountMax":500,"colour":"red"}');
    expect(settings).toEqual({ amountMax: hkd(500) });
    expect(complaints.map((complaint) => complaint.split(" ")[0])).toEqual(["expiryMs", "colour"]);
  });
});

test("the default settings are valid and have no webhook", () => {
  expect(defaultSettings).toEqual({
    merchantName: "Demo merchant",
    webhookTimeoutMs: 30_000,
    webhookTls: "verify",
    expiryMs: 1_800_000,
    outcomeDelayMs: 2_000,
    refundDelayMs: 2_000,
    refundWindowMs: 31_536_000_000,
    amountMax: hkd(50_000),
    magicAmounts: true,
    returnDelayMs: 2_000,
  });
  expect(read({ ...defaultSettings, amountMax: 50_000 })).toEqual({ settings: defaultSettings, complaints: [] });
});
