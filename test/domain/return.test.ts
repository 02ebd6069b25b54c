import fc from "fast-check";
import { expect, test } from "vitest";
import type { Money } from "../../src/domain/money.ts";
import { returnOf } from "../../src/domain/return.ts";

const payment = {
  id: "27yiW9MgzBtwiodreuNOXk0rtIw",
  amount: 20_000 as Money,
  status: "captured",
} as const;

const text = fc.string({ unit: "grapheme", maxLength: 8 });
const part = fc.oneof(text, fc.constantFrom("{id}", "{merchantReference}", "{status}", "{", "}", "&=#+% "));
const parameter = fc.record({
  name: fc.string({ unit: "grapheme", minLength: 1, maxLength: 8 }),
  value: fc.array(part, { maxLength: 4 }).map((parts) => parts.join("")),
});

test("random parameters arrive by GET as by POST, after those of the URL, and the URL stays", () => {
  const addresses = fc.constantFrom(
    ...["https://merchant.site", "https://merchant.site/?", "https://merchant.site/?a=1", "https://merchant.site/?a&"],
    ...["https://merchant.site/?a=%20&b=x?y/", "myapp://done?a=1", "com.shop.app:/done"],
  );
  const fragments = fc.constantFrom("", "#", "#done?x=1&y#z");
  fc.assert(
    fc.property(addresses, fragments, fc.array(parameter, { minLength: 1, maxLength: 10 }), text, (...drawn) => {
      const [address, fragment, returnParameters, merchantReference] = drawn;
      const returnWith = (returnMethod: "get" | "post") => {
        const contract = { returnMethod, returnParameters, returnSchemes: "custom" } as const;
        return returnOf({ ...payment, merchantReference, returnUrl: address + fragment, contract });
      };
      const [get, post] = [returnWith("get"), returnWith("post")];
      const url = get?.url ?? "";
      expect(url.startsWith(address) && url.endsWith(fragment)).toBe(true);
      const added = url.slice(address.length, url.length - fragment.length).replace(/^[?&]/, "");
      expect(added).not.toMatch(/[+#\s]/);
      const pairs = [...new URLSearchParams(added)].map(([name, value]) => ({ name, value }));
      expect(pairs).toHaveLength(returnParameters.length);
      if (address.startsWith("https:")) expect(post).toMatchObject({ method: "post", fields: pairs });
      else expect(post).toEqual(get);
    }),
  );
});
