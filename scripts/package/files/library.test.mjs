import * as library from "alipay-hk-sandbox";
import { sandboxTest } from "alipay-hk-sandbox/vitest";
import { exercise } from "./exercise.mjs";

const test = sandboxTest();

test("Vitest imports the library", () => exercise(library));
test("Vitest imports the fixtures", ({ expect, world }) => {
  expect(world.processingAccountId).toHaveLength(27);
});
