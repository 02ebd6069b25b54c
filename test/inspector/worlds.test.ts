import { describe, expect, test } from "vitest";
import type { Sandbox } from "../../src/index.ts";
import { createPaidPayment, createPayment, frozenSandbox, get } from "../support/merchant.ts";
import { plain, testids, textsOf } from "./reading.ts";

/** Opens worlds with these merchant names. @returns their processing accounts. */
async function openWorlds(sandbox: Sandbox, names: readonly string[]): Promise<string[]> {
  const ids: string[] = [];
  for (const merchantName of names) ids.push((await sandbox.world({ settings: { merchantName } })).processingAccountId);
  return ids;
}

const shortened = (id: string) => `${id.slice(0, 4)}…${id.slice(-6)}`;

/** Addresses of the worlds to choose from, in order. */
const addresses = (html: string) =>
  [...html.matchAll(/href="([^"]*)" data-testid="world-choice"/g)].map(([, url = ""]) => url);

describe("the line of the world", () => {
  test("has the name, a short id and numbers of payments, and no choice if there is no other world", async () => {
    await using sandbox = await frozenSandbox();
    expect(textsOf((await get(sandbox, "/")).text, "world")).toEqual(["Demo merchant 2HdN…NYCvNH no payments"]);
    await createPayment(sandbox);
    await createPaidPayment(sandbox);
    const { text } = await get(sandbox, "/");
    expect(textsOf(text, "world")).toEqual(["Demo merchant 2HdN…NYCvNH 2 payments, 1 pending"]);
    expect(testids(text)).not.toContain("world-choice");
  });

  test("leads to the other worlds, newest first and the demo world last; those of one name differ", async () => {
    await using sandbox = await frozenSandbox();
    const ids = await openWorlds(sandbox, ["Harbour Coffee", "Harbour Coffee", "Peak <b>Books</b>"]);
    await createPayment(sandbox, { account: ids[1] ?? "" });
    await createPaidPayment(sandbox);
    const [first = "", second = "", third = ""] = ids;
    const { text } = await get(sandbox, `/?world=${third}`);
    expect(textsOf(text, "world")).toEqual([`World: Peak <b>Books</b> ${shortened(third)} no payments`]);
    expect(textsOf(text, "world-choice")).toEqual([
      `Harbour Coffee ${shortened(second)} 1 payment, 1 pending`,
      `Harbour Coffee ${shortened(first)} no payments`,
      "Demo merchant 2HdN…NYCvNH 1 payment",
    ]);
    expect(shortened(first)).not.toBe(shortened(second));
    expect(addresses(text)).toEqual([`/?world=${second}`, `/?world=${first}`, "/?world=2HdN2jq6XWmlkhqRC2gDTNYCvNH"]);
  });

  test.each([
    ["/", "/"],
    ["/?q=order&status=pending", "/"],
    ["/inspector/requests?requests=all", "/inspector/requests"],
    ["/inspector/controls", "/inspector/controls"],
    ["/inspector/connect", "/inspector/connect"],
    ["/inspector/payments/ID", "/"],
  ])("keeps the page, but not its payment or search: %s leads to %s", async (path, page) => {
    await using sandbox = await frozenSandbox();
    const [world] = await openWorlds(sandbox, ["Harbour Coffee"]);
    const { id } = await createPayment(sandbox);
    const { text } = await get(sandbox, path.replace("ID", id));
    expect(addresses(text)).toEqual([`${page}?world=${world}`]);
    expect((await get(sandbox, addresses(text)[0] ?? "")).status).toBe(200);
  });

  test("opens a world by its processing account, and names one that does not exist", async () => {
    await using sandbox = await frozenSandbox();
    const [world = ""] = await openWorlds(sandbox, ["Harbour Coffee"]);
    expect((await get(sandbox, "/")).text).toMatch(/<form method="get" action="\/" class="line">.{0,200}name="world"/s);
    expect(textsOf((await get(sandbox, `/?world=${world}`)).text, "world")[0]).toContain("Harbour Coffee");
    const { status, text } = await get(sandbox, "/?world=Harbour%20Coffee");
    expect([status, testids(text)]).toEqual([404, expect.arrayContaining(["not-found", "to-start"])]);
    expect(textsOf(text, "not-found")[0]).toContain("Harbour Coffee");
  });

  test("has at most a hundred other worlds, the newest, and the demo world, and says how many it hides", async () => {
    await using sandbox = await frozenSandbox();
    const names = Array.from({ length: 103 }, (_, index) => `Shop ${index + 1}`);
    const ids = await openWorlds(sandbox, names);
    for (let made = 0; made < 50; made += 1) await createPayment(sandbox, { account: ids[0] ?? "" });
    const page = await get(sandbox, `/inspector/requests?requests=all&world=${ids[0]}`);
    const choices = textsOf(page.text, "world-choice");
    expect(choices).toHaveLength(101);
    expect([choices[0], choices[99], choices[100]]).toEqual([
      `Shop 103 ${shortened(ids[102] ?? "")} no payments`,
      `Shop 4 ${shortened(ids[3] ?? "")} no payments`,
      "Demo merchant 2HdN…NYCvNH no payments",
    ]);
    expect(textsOf(page.text, "worlds-hidden")).toEqual([
      "2 older worlds not in the list: open one with its processing account.",
    ]);
    expect(Buffer.byteLength(page.text)).toBeLessThan(200_000);
    expect(plain(page.text)).toContain("50 payments, 50 pending");
  });
});

test("more than a thousand payments are not counted", async () => {
  await using sandbox = await frozenSandbox();
  for (let made = 0; made < 1001; made += 1) await createPayment(sandbox);
  const { text } = await get(sandbox, "/");
  expect(textsOf(text, "world-counts")).toEqual(["over 1,000 payments, over 1,000 pending"]);
});
