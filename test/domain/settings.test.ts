import { describe, expect, test } from "vitest";
import { allowedLogos } from "../../src/domain/logo.ts";
import { isHttpUrl, readSettings, settingSpellings } from "../../src/domain/settings.ts";
import type { WorldSettings } from "../../src/domain/world.ts";
import { jpeg, png } from "../support/logos.ts";
import { hkd } from "../support/records.ts";

const second = 1_000;
const day = 86_400_000;
const hundredYears = 36_500 * day;
const longestTimer = 2_147_483_647;

type Complaint = readonly [name: string, value: unknown, complaint: string];

/** Parses JSON, so that all names, also `__proto__`, are own members. */
function read(json: string): { settings: Partial<WorldSettings>; complaints: Complaint[] } {
  const complaints: Complaint[] = [];
  const settings = readSettings(JSON.parse(json), (...complaint) => complaints.push(complaint));
  return { settings, complaints };
}

const right: Record<string, readonly (readonly [spelled: unknown, inside: Partial<WorldSettings>])[]> = {
  merchantName: [
    ["A", { merchantName: "A" }],
    ["Café 訂單 & Söhne", { merchantName: "Café 訂單 & Söhne" }],
  ],
  merchantLogo: [
    [png(), { merchantLogo: png() }],
    [jpeg(), { merchantLogo: jpeg() }],
  ],
  webhookUrl: [
    ["http://localhost:3000", { webhookUrl: "http://localhost:3000" }],
    ["https://merchant.example/hook?a=1&b=2#c", { webhookUrl: "https://merchant.example/hook?a=1&b=2#c" }],
    ["HTTPS://[::1]:8443/hook", { webhookUrl: "HTTPS://[::1]:8443/hook" }],
    ["http://merchant.example/@shop/a?b@c#d@e", { webhookUrl: "http://merchant.example/@shop/a?b@c#d@e" }],
    ["http://merchant.example#a", { webhookUrl: "http://merchant.example#a" }],
    ["http://merchant.example?to=a@b.example", { webhookUrl: "http://merchant.example?to=a@b.example" }],
  ],
  webhookTimeout: [
    ["PT0.5S", { webhookTimeoutMs: 500 }],
    ["PT30S", { webhookTimeoutMs: 30 * second }],
    ["P24DT20H31M23.647S", { webhookTimeoutMs: longestTimer }],
  ],
  webhookTls: [
    ["verify", { webhookTls: "verify" }],
    ["accept_any", { webhookTls: "accept_any" }],
  ],
  expiry: [
    ["PT0S", { expiryMs: 0 }],
    ["PT30M", { expiryMs: 1_800 * second }],
    ["P36500D", { expiryMs: hundredYears }],
  ],
  outcomeDelay: [
    ["PT0S", { outcomeDelayMs: 0 }],
    ["PT1H", { outcomeDelayMs: 3_600 * second }],
  ],
  refundDelay: [
    ["PT2S", { refundDelayMs: 2 * second }],
    ["P1W", { refundDelayMs: 7 * day }],
    ["P36500D", { refundDelayMs: hundredYears }],
  ],
  refundWindow: [
    ["P365D", { refundWindowMs: 365 * day }],
    ["P1DT12H", { refundWindowMs: 1.5 * day }],
    ["P36500D", { refundWindowMs: hundredYears }],
  ],
  amountMax: [
    [0.1, { amountMax: hkd(0.1) }],
    [8888.9, { amountMax: hkd(8888.9) }],
    [50_000, { amountMax: hkd(50_000) }],
    [1e12, { amountMax: hkd(1e12) }],
  ],
  magicAmounts: [
    [true, { magicAmounts: true }],
    [false, { magicAmounts: false }],
  ],
  returnDelay: [
    ["PT0S", { returnDelayMs: 0 }],
    ["PT2.5S", { returnDelayMs: 2_500 }],
    ["PT2147483.647S", { returnDelayMs: longestTimer }],
  ],
  contract: [
    [{}, { contract: {} }],
    [{ createStatus: 200, paidStatus: "approved" }, { contract: { createStatus: 200, paidStatus: "approved" } }],
  ],
};

const types = [null, true, false, [], {}, ["PT1S"], { value: 1 }];
const noDuration = [...types, 0, 30, "", "30", "30s", "pt30m", "PT", "P1M", "P1Y", "-PT1S", "PT1S "];
const worldDuration = {
  allowed: "an ISO 8601 duration of at most 36500 days, such as PT30M",
  values: [...noDuration, "P36500DT0.001S", "P36501D", "PT9007199254740S"],
};
const realDuration = {
  allowed: "an ISO 8601 duration of at most 24 days, such as PT30M",
  values: [...noDuration, "P24DT20H31M23.648S", "P25D", "P36500D"],
};
const wrong: Record<string, { readonly allowed: string; readonly values: readonly unknown[] }> = {
  merchantName: { allowed: "a text that is not empty", values: [...types, 0, 1, ""] },
  merchantLogo: { allowed: allowedLogos, values: [...types, 0, 1, "", "logo.png", "http://merchant.example/a.png"] },
  webhookUrl: {
    allowed: "an http or https URL without user name",
    values: [
      ...[...types, 0, "", "merchant.example/hook", "//merchant.example", "/hook", ["http://a"]],
      ...["http://", "https://", "http:/a", "http:///a", "http://?a", "http://#a"],
      ...["ftp://merchant.example", "file:///etc/passwd", "javascript:alert(1)", "mailto:a@b.example", "ws://a"],
      ...["http://user@merchant.example", "https://user:secret@merchant.example/hook"],
      ...["http://@merchant.example", "http://a@b@c", "http://a\\@b"],
      ...[" http://merchant.example", "http://merchant.example ", "http://merchant.example/a b", "http://a\n"],
      ...["http://merchant.example:99999", "http://[::1", "http://%", "see http://merchant.example"],
    ],
  },
  webhookTimeout: realDuration,
  webhookTls: { allowed: "verify or accept_any", values: [...types, "", "VERIFY", "off", 0] },
  expiry: worldDuration,
  outcomeDelay: worldDuration,
  refundDelay: worldDuration,
  refundWindow: worldDuration,
  amountMax: {
    allowed: "an amount in HKD of at least 0.1, with at most two decimals",
    values: [...types, "", "50000", 0, -1, 0.09, 0.01, 0.105, 99.999, 1_000_000_000_000.01, 1e15, 1e300],
  },
  magicAmounts: {
    allowed: "true or false",
    values: [null, [], {}, "true", "false", "", 0, 1],
  },
  returnDelay: realDuration,
  contract: {
    allowed: "an object of rules, see docs/reference/contract.md",
    values: [null, true, false, [], 0, 1, "", "createStatus"],
  },
};

const names = Object.keys(settingSpellings);
const rightRows = Object.entries(right).flatMap(([name, values]) => values.map((value) => [name, ...value] as const));
const wrongRows = Object.entries(wrong).flatMap(([name, { allowed, values }]) =>
  values.map((value) => ({ name, value: JSON.stringify(value), allowed })),
);
const unknown = [
  ...["", "MerchantName", "merchantname", " expiry", "webhookTimeoutMs", "expiryMs", "refundDelayMs", "returnDelayMs"],
  ...["__proto__", "constructor", "prototype", "toString", "hasOwnProperty", "valueOf", "0"],
];

describe("a setting", () => {
  test("is one of these thirteen", () => {
    expect(names).toEqual([
      "merchantName",
      "merchantLogo",
      "webhookUrl",
      "webhookTimeout",
      "webhookTls",
      "expiry",
      "outcomeDelay",
      "refundDelay",
      "refundWindow",
      "amountMax",
      "magicAmounts",
      "returnDelay",
      "contract",
    ]);
    expect([Object.keys(right), Object.keys(wrong)]).toEqual([names, names]);
  });

  test.each(rightRows)("%s can be %j", (name, spelled, inside) => {
    expect(read(JSON.stringify({ [name]: spelled }))).toEqual({ settings: inside, complaints: [] });
  });

  test.each(wrongRows)("$name cannot be $value", ({ name, value, allowed }) => {
    const { settings, complaints } = read(`{"${name}":${value}}`);
    expect(settings).toEqual({});
    expect(complaints).toEqual([[name, JSON.parse(value), `is ${value}; expected ${allowed}`]]);
  });

  test.each(unknown)("of the name %j is unknown", (name) => {
    const { settings, complaints } = read(`{${JSON.stringify(name)}:"PT1S"}`);
    expect(settings).toEqual({});
    expect(Object.getPrototypeOf(settings)).toBe(Object.prototype);
    expect(complaints).toEqual([[name, "PT1S", `is unknown; expected one of ${names.join(", ")}`]]);
  });

  test.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])("amountMax cannot be %d", (amountMax) => {
    const complaints: string[] = [];
    expect(readSettings({ amountMax }, (name) => complaints.push(name))).toEqual({});
    expect(complaints).toEqual(["amountMax"]);
  });
});

describe("settings", () => {
  test("of all names are read together", () => {
    const spelled = Object.entries(right).map(([name, [first]]) => [name, first?.[0]]);
    const inside = Object.values(right).map(([first]) => first?.[1]);
    expect(read(JSON.stringify(Object.fromEntries(spelled)))).toEqual({
      settings: Object.assign({}, ...inside),
      complaints: [],
    });
  });

  test("are read although others have errors, which are reported in order", () => {
    const { settings, complaints } = read('{"expiry":"soon","amountMax":500,"colour":"red","returnDelay":2}');
    expect(settings).toEqual({ amountMax: hkd(500) });
    expect(complaints).toEqual([
      ["expiry", "soon", 'is "soon"; expected an ISO 8601 duration of at most 36500 days, such as PT30M'],
      ["colour", "red", `is unknown; expected one of ${names.join(", ")}`],
      ["returnDelay", 2, "is 2; expected an ISO 8601 duration of at most 24 days, such as PT30M"],
    ]);
  });

  test("can be empty", () => {
    expect(read("{}")).toEqual({ settings: {}, complaints: [] });
  });
});

describe("isHttpUrl", () => {
  const values = [...(wrong.webhookUrl?.values ?? []), ...(right.webhookUrl ?? []).map(([spelled]) => spelled)];
  const texts = values.filter((value) => typeof value === "string");
  test.each(texts)("accepts %j if it can be a webhookUrl", (text) => {
    expect(isHttpUrl(text)).toBe(read(JSON.stringify({ webhookUrl: text })).complaints.length === 0);
  });
});
