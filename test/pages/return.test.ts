import { describe, expect, test } from "vitest";
import { moneyFromMajor } from "../../src/domain/money.ts";
import { returnLink } from "../../src/http/pages/return.ts";
import { texts } from "../../src/http/pages/texts/languages.ts";
import { foreign } from "../../src/http/ui/html.ts";
import { initials } from "../../src/http/ui/mark.ts";
import { createPaidPayment, frozenSandbox, get } from "../support/merchant.ts";

const visit = { entrance: "pay", token: "x", language: "en", texts: texts.en, query: new URLSearchParams() } as const;

describe("a returnUrl that is not a web address never becomes a link", () => {
  test.each([
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "file:///etc/passwd",
    "vbscript:x",
    "BLOB:https://merchant.site/1",
    "about:blank",
    "\u0001javascript:alert(1)",
    " javascript:alert(1)",
    "java\tscript:alert(1)",
    "//merchant.site/back",
    "merchant.site",
    "",
  ])("%s", async (returnUrl) => {
    const plans = [undefined, "lying", "by_post"] as const;
    const profiles = [undefined, { returnSchemes: "custom" }, { returnMethod: "post" }] as const;
    for (const [returnPlan, contract] of plans.flatMap((plan) => profiles.map((profile) => [plan, profile] as const))) {
      const amount = moneyFromMajor(1) ?? (0 as never);
      const paid = { id: "27yiW9MgzBtwiodreuNOXk0rtIw", merchantReference: "order", status: "captured" } as const;
      const payment = { ...paid, amount, returnUrl, ...(returnPlan && { returnPlan }), contract };
      const { head, body, formAction } = returnLink(visit, payment, 0, foreign("Harbour Coffee"));
      expect(`${await body}`).toContain('data-testid="never-returns"');
      expect(`${await body}`).not.toMatch(/href|action/);
      expect([head, formAction]).toEqual([undefined, undefined]);
    }
  });
});

test("the browser stays on the result with stay=yes", async () => {
  await using sandbox = await frozenSandbox();
  const page = (await createPaidPayment(sandbox)).nextStep.redirect.url;
  const leaving = (await get(sandbox, `${page}?view=qr`)).text;
  expect(leaving).toContain('data-leave-after="2000"');
  expect(leaving).toContain('data-testid="stay" href="?view=qr&amp;stay=yes"');
  const staying = (await get(sandbox, `${page}?view=qr&stay=yes`)).text;
  expect(staying).toContain('data-testid="back-to-merchant"');
  expect(staying).not.toMatch(/data-leave-after|http-equiv|data-testid="stay"/);
});

describe("a merchant's initials", () => {
  test.each([
    ["Harbour Coffee (demo)", "HC"],
    ["demo merchant", "DM"],
    ["7-Eleven", "7E"],
    ["Ümlaut", "Ü"],
    ["海港咖啡", "海"],
    ["مقهى الميناء", "ما"],
    ["<script>alert(1)</script>", "SA"],
    ["\u202eevil", "E"],
    ["👩‍👩‍👧‍👦 shop", "S"],
    ["👩‍👩‍👧‍👦", "👩‍👩‍👧‍👦"],
    ["\u202e \u200b", ""],
  ])("%s: %s", (name, letters) => expect(initials(name)).toBe(letters));
});
