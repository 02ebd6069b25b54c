import { afterAll, describe, expect, test } from "vitest";
import { openCommandLine } from "../support/command-line.ts";
import { isFull } from "../support/scope.ts";
import { drawProfile } from "./profiles.ts";
import { compareFully, expectRoundTrip, payerCommand, stageTarget } from "./stage.ts";

const commands = openCommandLine();
afterAll(() => commands[Symbol.asyncDispose]());

const count = isFull ? 100 : 10;
const seeds = Array.from({ length: count }, (_, index) => index + 1);

describe("compare finds the profile of another sandbox in every rule that can be measured", () => {
  test("that has the defaults", () => expectRoundTrip(commands, {}));
  test.each(seeds)("drawn by the seed %i", (seed) => expectRoundTrip(commands, drawProfile(seed)));
});

test("compare asks nobody to go back whose browser already came back", async () => {
  await using target = await stageTarget();
  const goBack = payerCommand.replace('"$1"', "return");
  const payer = `
    test "$1" != return || exit 1
    ${payerCommand} || exit 1
    if test "$1" = pay && curl --silent "$2" | grep -q back-from-payment; then ${goBack}; fi`;
  const { report } = await compareFully(commands, target, "--payer-command", payer);
  expect(report.rules).toContainEqual({ rule: "returnMethod", verdict: "same", theirs: "get" });
});

describe("the rules of the two sandboxes", () => {
  test("are the same when the profile that was found is given back", async () => {
    await using target = await stageTarget({ settings: { contract: drawProfile(7) } });
    const { file } = await compareFully(commands, target);
    const again = await compareFully(commands, target, "--config", file);
    expect(again.report.rules.filter(({ verdict }) => verdict === "different")).toEqual([]);
    expect(again.code).toBe(0);
  });
});
