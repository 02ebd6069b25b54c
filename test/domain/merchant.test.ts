import { expect, test } from "vitest";
import { maySee, scopes } from "../../src/domain/merchant.ts";
import { entry, payment, world } from "../support/records.ts";

test.each([
  ["a merchant sees its own records", { caller: "merchant-1", owner: "merchant-1", sees: true }],
  ["another merchant does not see them", { caller: "merchant-2", owner: "merchant-1", sees: false }],
  [
    "a merchant whose id has the same beginning does not see them",
    { caller: "merchant-1", owner: "merchant-10", sees: false },
  ],
  ["a merchant with an empty id does not see them", { caller: "", owner: "merchant-1", sees: false }],
  ["an unsigned caller sees all records", { caller: undefined, owner: "merchant-1", sees: true }],
])("%s", (_what, { caller, owner, sees }) => {
  const records = [world({ merchantId: owner }), payment({ merchantId: owner }), entry({ merchantId: owner })];
  expect(records.map((record) => maySee({ merchantId: caller }, record))).toEqual([sees, sees, sees]);
});

test("a credential may create and read payments", () => {
  expect(scopes).toEqual(["payments:create", "payments:read"]);
});
