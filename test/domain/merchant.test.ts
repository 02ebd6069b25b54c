import { expect, test } from "vitest";
import { maySee, scopes } from "../../src/domain/merchant.ts";
import { entry, payment, world } from "../support/records.ts";

test.each([
  ["the merchant sees what is its own", { caller: "merchant-1", owner: "merchant-1", sees: true }],
  ["another merchant does not", { caller: "merchant-2", owner: "merchant-1", sees: false }],
  ["a merchant whose id begins alike does not", { caller: "merchant-1", owner: "merchant-10", sees: false }],
  ["a merchant without name does not", { caller: "", owner: "merchant-1", sees: false }],
  ["who has not signed sees what it knows of", { caller: undefined, owner: "merchant-1", sees: true }],
])("%s", (_what, { caller, owner, sees }) => {
  const records = [world({ merchantId: owner }), payment({ merchantId: owner }), entry({ merchantId: owner })];
  expect(records.map((record) => maySee({ merchantId: caller }, record))).toEqual([sees, sees, sees]);
});

test("a credential may create and read payments", () => {
  expect(scopes).toEqual(["payments:create", "payments:read"]);
});
