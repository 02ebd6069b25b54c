import { afterAll, describe, test } from "vitest";
import { openCommandLine } from "../support/command-line.ts";
import { isFull } from "../support/scope.ts";
import { groupedChanges, singleChanges } from "./profiles.ts";
import { expectRoundTrip } from "./stage.ts";

const commands = openCommandLine();
afterAll(() => commands[Symbol.asyncDispose]());

const changes = isFull ? singleChanges() : groupedChanges();

describe("compare finds rules that differ", () => {
  test.each(changes)("$title", ({ contract }) => expectRoundTrip(commands, contract));
});
