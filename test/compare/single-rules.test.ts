import { afterAll, describe, test } from "vitest";
import { openCommandLine } from "../support/command-line.ts";
import { isFull } from "../support/scope.ts";
import { singleChanges } from "./profiles.ts";
import { expectRoundTrip } from "./stage.ts";

const commands = openCommandLine();
afterAll(() => commands[Symbol.asyncDispose]());

describe("compare finds a single rule that differs", () => {
  test.each(singleChanges(isFull ? "all values" : "one value"))("$title", ({ contract }) =>
    expectRoundTrip(commands, contract),
  );
});
