import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { createPaidPayment, createPayment, frozenSandbox, get, post } from "../support/merchant.ts";

const documentation = readFileSync(new URL("../../docs/pages.md", import.meta.url), "utf8");

/** Names in the first column of the table of `data-testid` values. */
function documented(): string[] {
  const table = documentation.split("\n\n").find((block) => block.startsWith("| `data-testid` |")) ?? "";
  return table
    .split("\n")
    .slice(2)
    .flatMap((row) => [...(row.split("|")[1] ?? "").matchAll(/`([^`]+)`/g)].map(([, name = ""]) => name));
}

test("docs/pages.md lists every data-testid of the pages and no other", async () => {
  await using sandbox = await frozenSandbox({ demo: true });
  const refunded = await createPaidPayment(sandbox);
  await sandbox.payments.refund(refunded.id, { amount: 50 });
  await sandbox.clock.advance("PT1M");
  const targets: string[] = ["/pay/x", refunded.nextStep.redirect.url];
  for (const [act, details] of [
    [undefined, undefined],
    ["pay", { return: "never" }],
    ["pay", { return: "by_post" }],
    ["decline", undefined],
  ] as const) {
    const payment = await createPayment(sandbox);
    const page = payment.nextStep.redirect.url;
    if (act !== undefined) await sandbox.payments.act(payment.id, act, details);
    targets.push(`${page}?view=qr`, `${page}?view=qr&wallet=here`, page.replace("/pay/", "/wallet/"));
  }
  const found = new Set<string>();
  const pages = await Promise.all(targets.map(async (target) => (await get(sandbox, target)).text));
  pages.push((await post(sandbox, `${refunded.nextStep.redirect.url}/actions`, "")).text);
  for (const text of pages) {
    for (const [, name = ""] of text.matchAll(/data-testid="([^"]*)"/g)) found.add(name);
  }
  expect(documented().length).toBeGreaterThan(25);
  expect([...found].sort()).toEqual(documented().sort());
});

test("a data-testid occurs at most once on a page", async () => {
  await using sandbox = await frozenSandbox();
  const page = (await createPayment(sandbox)).nextStep.redirect.url;
  for (const target of [`${page}?view=qr`, `${page}?view=qr&wallet=here`, page.replace("/pay/", "/wallet/")]) {
    const names = [...(await get(sandbox, target)).text.matchAll(/data-testid="([^"]*)"/g)].map(([, name]) => name);
    expect(names.length).toBeGreaterThan(8);
    expect(names).toEqual([...new Set(names)]);
  }
});
