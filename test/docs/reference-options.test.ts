import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { assertionsReference } from "../../scripts/reference/assertions.ts";
import { contractReference } from "../../scripts/reference/contract.ts";
import { optionsReference } from "../../scripts/reference/options.ts";
import { rehearsalReference } from "../../scripts/reference/rehearsal.ts";
import { settingsReference } from "../../scripts/reference/settings.ts";
import { readOption } from "../../src/config/given-options.ts";
import { optionNames } from "../../src/config/options.ts";
import { defaultSettings, readSettings, settingSpellings, writeSettings } from "../../src/domain/settings.ts";

const folder = new URL("../../docs/reference/", import.meta.url);

test.each([
  ["assertions.md", assertionsReference],
  ["contract.md", contractReference],
  ["options.md", optionsReference],
  ["rehearsal.md", rehearsalReference],
  ["settings.md", settingsReference],
])("docs/reference/%s is up to date: npx tsx scripts/write-reference.ts writes it", (file, reference) => {
  expect(readFileSync(new URL(file, folder), "utf8")).toBe(reference());
});

test.each([
  ["invalid_request", "[ours] | only that it is 4xx"],
  ["operation_not_supported", "[ours] | only that it is 4xx"],
  ["not_found", "[ours] | the HTTP status 404, not the code"],
  ["approved", "[plugin] | only with `contract.paidStatus` | that your program handles it"],
  ["rejected", "[plugin] | only with `contract.failedStatus` | that your program handles it"],
  ["unknown", "[plugin] | never | that your program handles it"],
  ["declined", "[plugin] | yes | the name; what leads to it is [ours]"],
])("the advice on %s follows the contract rules: %s", (name, advice) => {
  expect(assertionsReference()).toContain(`\n| \`${name}\` | ${advice} |\n`);
});

test("every default of an option is allowed", () => {
  for (const name of optionNames) expect(() => readOption(name, undefined)).not.toThrow();
});

test("every default of a setting is allowed", () => {
  const complaints: string[] = [];
  const read = readSettings(writeSettings(defaultSettings), (name) => complaints.push(name));
  expect([read, complaints]).toEqual([defaultSettings, []]);
  const unset = Object.values(settingSpellings).filter(({ key }) => !Object.hasOwn(defaultSettings, key));
  expect(unset.map(({ key }) => key)).toEqual(["merchantLogo", "webhookUrl", "contract"]);
});
