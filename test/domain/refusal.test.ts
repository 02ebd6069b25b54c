import { expect, test } from "vitest";
import { accept, invalidMember, refuse } from "../../src/domain/refusal.ts";

test.each([
  ["to", "is missing", "to is missing."],
  ["amount.value", "must be a number", "amount.value must be a number."],
])("the member %s that %s is refused as one error with its path", (path, complaint, description) => {
  expect(invalidMember(path, complaint)).toEqual({
    code: "invalid_request",
    errors: [{ path, code: "invalid_request", description }],
  });
});

test("a decision is the value or the refusal", () => {
  const refusal = { code: "not_found" } as const;
  expect([accept(0), refuse(refusal)]).toEqual([
    { ok: true, value: 0 },
    { ok: false, refusal },
  ]);
});
