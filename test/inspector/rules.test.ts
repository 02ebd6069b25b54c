import { describe, expect, test } from "vitest";
import { type ContractRuleName, contractRuleNames, contractRules } from "../../src/domain/contract-rules.ts";
import type { WorldHandle } from "../../src/index.ts";
import { createPayment, frozenSandbox, get } from "../support/merchant.ts";
import { insides, paymentPage, plain, textsOf } from "./reading.ts";

/** A value of every rule that is not the default, as requests spell it. */
const changed: Readonly<Record<ContractRuleName, unknown>> = {
  createStatus: 200,
  createMembers: ["updateTime", "amount"],
  paidStatus: "approved",
  cancelledStatus: "declined",
  expiredStatus: "failed",
  failedStatus: "rejected",
  reasonWhenFinal: "hidden",
  amountUnit: "minor",
  amountMin: 1.5,
  errorStatus: 422,
  unsupportedStatus: 405,
  refundedStatus: "refunded",
  partialRefunds: "one_then_rest",
  refundMode: "final_at_once",
  refundReference: "optional",
  refundNotifications: "refund_and_payment",
  pendingNotification: "on",
  retrySchedule: ["PT1M", "PT1H30M"],
  notificationQueue: "endpoint_blocks",
  returnMethod: "post",
  returnParameters: [{ name: "order", value: "{merchantReference}" }],
  returnSchemes: "custom",
};
/** The defaults that requests spell in another way than records. */
const spelledDefaults: Partial<Record<ContractRuleName, unknown>> = { amountMin: 0.1 };

const inText = (value: unknown) => (typeof value === "string" ? value : JSON.stringify(value));
const defaultOf = (name: ContractRuleName) => inText(spelledDefaults[name] ?? contractRules[name].default);
const withoutBackquotes = (text: string) => text.replaceAll("`", " ").replace(/\s+/g, " ").trim();

/** Changes rules as a program does. */
async function setRules(sandbox: Pick<WorldHandle, "fetch" | "processingAccountId">, contract: unknown): Promise<void> {
  const path = `/_sandbox/worlds/${sandbox.processingAccountId}`;
  const response = await sandbox.fetch(path, { method: "PATCH", body: JSON.stringify({ settings: { contract } }) });
  if (!response.ok) throw new Error(await response.text());
}

const rulesPage = async (sandbox: Pick<WorldHandle, "fetch">) => (await get(sandbox, "/inspector/rules")).text;

/** Every rule of the page, in its order. */
function rulesIn(html: string) {
  const states = [...html.matchAll(/data-rule="(\w+)" data-state="(\w+)"/g)];
  return insides(html, "rule").map((rule, index) => {
    const text = (testid: string) => textsOf(rule, testid)[0];
    return {
      name: states[index]?.[1],
      state: states[index]?.[2],
      title: plain(/<h4>(.*?)<\/h4>/s.exec(rule)?.[1] ?? ""),
      value: text("rule-value"),
      default: text("rule-default"),
      mark: text("rule-mark"),
      help: text("rule-help")?.replace(/\s+(?=[.,;:])/g, ""),
      allowed: text("rule-allowed"),
    };
  });
}

function expectedRule(name: ContractRuleName, value: string) {
  const { mark, help, allowed } = contractRules[name];
  const differs = value !== defaultOf(name);
  return {
    name,
    state: differs ? "different" : "default",
    title: `${name}${differs ? " Differs" : ""} [${mark}]`,
    value,
    default: defaultOf(name),
    mark: `[${mark}]`,
    help: withoutBackquotes(`${help.charAt(0).toUpperCase()}${help.slice(1)}.`).replace(/\s+(?=[.,;:])/g, ""),
    allowed: withoutBackquotes(allowed),
  };
}

const jsonIn = (html: string) => JSON.parse(textsOf(html, "rules-json")[0] ?? "");

describe("the page of the rules", () => {
  test("has every rule of the table at its default, and no JSON", async () => {
    await using sandbox = await frozenSandbox();
    const html = await rulesPage(sandbox);
    expect(html).toMatch(/<title>Rules of the provider\b/);
    expect(rulesIn(html)).toEqual(contractRuleNames.map((name) => expectedRule(name, defaultOf(name))));
    expect(textsOf(html, "no-different-rule")).toEqual(["All rules of this world have their default values."]);
    expect([textsOf(html, "rules-json"), textsOf(html, "copy-rules")]).toEqual([[], []]);
    expect(plain(html)).toContain(`PATCH /_sandbox/worlds/${sandbox.processingAccountId}`);
    expect(textsOf(html, "to-rules")).toEqual(["Rules of the provider"]);
  });

  test("has every rule changed, marked, with a JSON that sets all of them", async () => {
    await using sandbox = await frozenSandbox();
    await setRules(sandbox, changed);
    const html = await rulesPage(sandbox);
    expect(rulesIn(html)).toEqual(contractRuleNames.map((name) => expectedRule(name, inText(changed[name]))));
    expect(plain(html)).not.toContain("As by default");
    expect(jsonIn(html)).toEqual({ settings: { contract: changed } });
    expect(textsOf(html, "to-rules")).toEqual([`Rules of the provider ${contractRuleNames.length} differ`]);
    const other = await sandbox.world();
    await setRules(other, jsonIn(html).settings.contract);
    const { text } = await get(sandbox, `/inspector/rules?world=${other.processingAccountId}`);
    expect(rulesIn(text)).toEqual(rulesIn(html));
  });

  test.each(contractRuleNames)("has %s first, if only this rule is changed", async (name) => {
    await using sandbox = await frozenSandbox();
    await setRules(sandbox, { [name]: changed[name] });
    const html = await rulesPage(sandbox);
    const others = contractRuleNames.filter((other) => other !== name);
    expect(rulesIn(html).map((rule) => [rule.name, rule.state])).toEqual([
      [name, "different"],
      ...others.map((other) => [other, "default"]),
    ]);
    expect(jsonIn(html)).toEqual({ settings: { contract: { [name]: changed[name] } } });
    expect(textsOf(html, "to-rules")).toEqual(["Rules of the provider 1 differs"]);
  });

  test("has the rules of its own world, and explains each mark once", async () => {
    await using sandbox = await frozenSandbox();
    await setRules(await sandbox.world(), changed);
    const html = await rulesPage(sandbox);
    expect(textsOf(html, "rule-differs")).toEqual([]);
    const marks = [...new Set(Object.values(contractRules).map(({ mark }) => `[${mark}]`))];
    const [legend = ""] = textsOf(html, "rule-marks");
    expect([...legend.matchAll(/\[\w+\]/g)].map(([mark]) => mark)).toEqual(marks);
    expect((await get(sandbox, "/inspector/rules?world=none")).status).toBe(404);
  });

  test("is linked from the controls and from the page to connect, and keeps the world", async () => {
    await using sandbox = await frozenSandbox();
    const { processingAccountId: world } = await sandbox.world();
    const { text } = await get(sandbox, `/inspector/connect?world=${world}`);
    for (const testid of ["to-rules", "connect-to-rules"]) {
      expect(text).toContain(`<a href="/inspector/rules?world=${world}"  data-testid="${testid}">`);
    }
  });
});

describe("the page of a payment", () => {
  const rulesOf = async (sandbox: Pick<WorldHandle, "fetch">, id: string) =>
    textsOf(await paymentPage(sandbox, id), "payment-rules");

  test("says under which rules it was created, while those of the world differ", async () => {
    await using sandbox = await frozenSandbox();
    await setRules(sandbox, { paidStatus: "approved", createMembers: ["amount"] });
    const { id } = await createPayment(sandbox);
    expect(await rulesOf(sandbox, id)).toEqual([]);
    await setRules(sandbox, { createStatus: 200, createMembers: [], amountMin: 2 });
    expect(await rulesOf(sandbox, id)).toEqual([
      'createStatus 201 , createMembers ["amount"] , amountMin 0.1 ; the world has others now',
    ]);
    expect(await paymentPage(sandbox, id)).toContain('<a href="/inspector/rules" data-testid="payment-to-rules">');
    await setRules(sandbox, { createStatus: 201, createMembers: ["amount"], amountMin: 0.1 });
    expect(await rulesOf(sandbox, id)).toEqual([]);
  });

  test("shortens a long value", async () => {
    await using sandbox = await frozenSandbox();
    await setRules(sandbox, { returnParameters: [{ name: "order", value: "👨‍👩‍👧‍👦".repeat(50) }] });
    const { id } = await createPayment(sandbox);
    await setRules(sandbox, null);
    const [rules = ""] = await rulesOf(sandbox, id);
    expect(rules).toMatch(/^returnParameters \[\{"name":"order",.*… ; the world has others now$/u);
    expect([...rules].length).toBeLessThan(90);
  });
});

describe.each([
  `<script>alert(1)</script>"><img src=x onerror=alert(1)>`,
  `</pre></code></bdi></main><h1>gone</h1>'onmouseover='alert(1)`,
  "\u202Egnp.tfel-ot-thgir\u202D\u2066\u2067",
  "Ｗ".repeat(2000),
  "&lt;b&gt; `code` {status} #[7*7]",
])("a return parameter %s", (text) => {
  test.each([
    ["alone, in a line", [{ name: "x", value: text }]],
    ["as its name, in a block", [{ name: text, value: "x".repeat(99) }]],
  ])("is only text, %s", async (_, returnParameters) => {
    await using sandbox = await frozenSandbox();
    await setRules(sandbox, { returnParameters });
    const { id } = await createPayment(sandbox);
    const html = await rulesPage(sandbox);
    await setRules(sandbox, null);
    for (const page of [html, await paymentPage(sandbox, id)]) {
      expect(page.match(/<(h1|img|main)\b/g)).toHaveLength(2);
      expect(page.match(/<script\b/g)).toHaveLength(1);
      expect(page).not.toMatch(/<[^>]* on\w+=/);
      expect(page).not.toMatch(/[\u202D\u202E\u2066\u2067]/);
    }
    expect(jsonIn(html)).toEqual({ settings: { contract: { returnParameters } } });
  });
});
