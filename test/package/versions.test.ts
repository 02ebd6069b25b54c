import { expect, test } from "vitest";
import manifest from "../../package.json" with { type: "json" };
import { version } from "../../src/config/config.ts";
import { sentenceIfOld } from "../../src/versions.ts";

test.each([
  ["Node", "18.20.8", "x needs Node 20.19 or newer, this is 18.20.8."],
  ["Node", "20.18.3", "x needs Node 20.19 or newer, this is 20.18.3."],
  ["Node", "20.19.0", undefined],
  ["Node", "22.0.0", undefined],
  ["vitest", "3.1.4", "x needs vitest 3.2 or newer, this is 3.1.4."],
  ["vitest", "3.2.0-beta.1", undefined],
  ["@playwright/test", "1.5.1", "x needs @playwright/test 1.44 or newer, this is 1.5.1."],
  ["pg", "8.11.0", undefined],
] as const)("%s %s: %s", (name, installed, sentence) => {
  expect(sentenceIfOld("x", name, installed)).toBe(sentence);
});

test("the oldest Node is that of package.json", () => {
  const oldest = manifest.engines.node.replace(">=", "");
  const [major, minor] = oldest.split(".").map(Number);
  expect(sentenceIfOld("x", "Node", `${oldest}.0`)).toBeUndefined();
  expect(sentenceIfOld("x", "Node", `${major}.${Number(minor) - 1}.0`)).toContain(`Node ${oldest} or newer`);
});

test("the version is that of package.json", () => expect(version).toBe(manifest.version));
