import { describe, expect, test } from "vitest";
import { createPaidPayment, createPayment, frozenSandbox } from "../support/merchant.ts";
import { insides, submit, textsOf } from "./reading.ts";

interface Refused {
  readonly status: number;
  readonly html: string;
  /** Text of the alert. */
  readonly alert: string;
}

/** Attributes of the element with an id. */
function attributesOf(html: string, id: string): Record<string, string> {
  const [, tag = ""] = new RegExp(`<(?:input|select)\\b([^>]*\\bid="${id}"[^>]*)>`).exec(html) ?? [];
  const found = tag.matchAll(/([\w-]+)(?:="([^"]*)")?/g);
  return Object.fromEntries([...found].map(([, name = "", value = ""]) => [name, value]));
}

/** Value of a field; of a choice, the selected one. */
function typedIn(html: string, id: string): string | undefined {
  const select = new RegExp(`<select\\b[^>]*\\bid="${id}"[^>]*>(.*?)</select>`, "s").exec(html);
  if (select === null) return attributesOf(html, id).value;
  return /<option value="([^"]*)" selected>/.exec(select[1] ?? "")?.[1];
}

/** Sends a form from the page of a payment that is paid or, for the payer's form, pending. */
async function refused(path: string, form: Record<string, string>): Promise<Refused> {
  await using sandbox = await frozenSandbox();
  const isAct = form.form === "act";
  const { id } = await (isAct ? createPayment(sandbox) : createPaidPayment(sandbox));
  const back = `/inspector/payments/${id}`;
  const { status, text } = await submit(sandbox, path.replace("ID", id), { ...form, back });
  // The list of keys has a focus of its own.
  const html = text.replace(/<dialog.*?<\/dialog>/gs, "");
  return { status, html, alert: textsOf(html, "problem").join() };
}

const act = "/inspector/payments/ID/act";
const refund = "/inspector/payments/ID/refunds";
const advance = "/inspector/clock/advance";
const duration = "expected 30m, 1h30m or 2d, or PT30M in ISO 8601.";
const money = "expected HKD with at most two decimals, such as 12.50.";
const url = "expected an http or https URL without user name.";
const queue = { form: "scenario", scenario: "expired" };

/** A form, what its fields have then, the field with the problem, the sentence, and the details around the form. */
type Row = [
  path: string,
  form: Record<string, string>,
  typed: Record<string, string>,
  field: string,
  sentence: string,
  details?: string,
];
const wrongAmount = (amount: string): Row => [
  refund,
  { form: "refund", amount },
  { "refund-amount": amount },
  "refund-amount",
  `The amount is "${amount}"; ${money}`,
  "refund-details",
];
const rows: readonly Row[] = [
  [advance, { form: "advance", by: "tomorrow" }, { by: "tomorrow" }, "by", `The duration is "tomorrow"; ${duration}`],
  [advance, { form: "advance", by: " 30 min " }, { by: " 30 min " }, "by", `The duration is "30 min"; ${duration}`],
  [advance, { form: "advance", by: "" }, { by: "" }, "by", `The duration is missing; ${duration}`],
  [advance, { form: "advance", by: "P1M" }, { by: "P1M" }, "by", `The duration is "P1M"; ${duration}`],
  [advance, { form: "advance", by: "99999d" }, { by: "99999d" }, "by", "The duration "],
  [
    refund,
    { form: "refund", amount: "abc", merchantReference: "return 7" },
    { "refund-amount": "abc", "refund-reference": "return 7" },
    "refund-amount",
    `The amount is "abc"; ${money}`,
    "refund-details",
  ],
  ...["-5", "1e3", "12,50", "HK$5"].map(wrongAmount),
  [
    refund,
    { form: "refund", amount: "5.001" },
    { "refund-amount": "5.001" },
    "refund-amount",
    "The amount must have at most two decimals.",
    "refund-details",
  ],
  [
    refund,
    { form: "refund", amount: "0" },
    { "refund-amount": "0" },
    "refund-amount",
    "The amount must be at least 0.01.",
    "refund-details",
  ],
  [
    refund,
    { form: "refund", amount: "500" },
    { "refund-amount": "500" },
    "refund-amount",
    "The refund is more than what is left: HKD 200.00.",
    "refund-details",
  ],
  [
    refund,
    { form: "refund", amount: "5", merchantReference: "x".repeat(256) },
    { "refund-amount": "5", "refund-reference": "x".repeat(256) },
    "refund-reference",
    "The reference must have 1 to 255 characters.",
    "refund-details",
  ],
  [
    "/inspector/scenarios",
    { ...queue, times: "0" },
    { times: "0" },
    "times",
    "The number of times must be a whole number from 1 to 1000.",
  ],
  [
    "/inspector/scenarios",
    { ...queue, times: "many" },
    { times: "many" },
    "times",
    "The number of times must be a number.",
  ],
  [
    "/inspector/endpoint",
    { form: "endpoint", webhookUrl: "javascript:alert(1)" },
    { "endpoint-url": "javascript:alert(1)" },
    "endpoint-url",
    `The URL is "javascript:alert(1)"; ${url}`,
    "endpoint-details",
  ],
  [
    "/inspector/endpoint",
    { form: "why-endpoint", webhookUrl: "http://user@localhost" },
    { "why-endpoint": "http://user@localhost", "endpoint-url": "" },
    "why-endpoint",
    `The URL is "http://user@localhost"; ${url}`,
  ],
  [
    act,
    { form: "act", action: "decline", reason: "bad_mood", wallet: "mainland" },
    { wallet: "mainland" },
    "reason",
    "The reason must be ",
    "act-details",
  ],
  [
    act,
    { form: "act", action: "decline", reason: "risk_rejected", wallet: "purse" },
    { reason: "risk_rejected" },
    "wallet",
    "The wallet must be ",
    "act-details",
  ],
];

describe("a refused form keeps what was typed, and has the problem at its field", () => {
  test.each<Row>(rows)("%s %j", async (path, form, typed, field, sentence, details) => {
    const { status, html, alert } = await refused(path, form);
    expect(status).toBe(400);
    const kept = Object.keys(typed).map((id) => [id, typedIn(html, id)]);
    expect(Object.fromEntries(kept)).toEqual(typed);
    const { autofocus, "aria-invalid": invalid, "aria-describedby": note = "" } = attributesOf(html, field);
    expect([autofocus, invalid, note]).toEqual(["", "true", `${field}-problem`]);
    expect(textsOf(html, "field-problem")).toEqual([expect.stringContaining(sentence)]);
    expect(html).toMatch(new RegExp(`<p [^>]*id="${note}"[^>]*data-testid="field-problem"`));
    expect(html.match(/autofocus|aria-invalid/g)).toHaveLength(2);
    const open = [...html.matchAll(/<details[^>]* id="([^"]*)"[^>]* open>/g)].map(([, id]) => id);
    expect(open).toEqual(details === undefined ? [] : [details]);
    expect(alert).toContain(`The action failed. ${sentence}`);
    expect(insides(html, "problem").join()).toContain(`<a href="#${field}">`);
  });
});

test("two fields with a problem both have it, and the first has the focus", async () => {
  const form = { form: "refund", amount: "0", merchantReference: "\u0001" };
  const { html } = await refused(refund, form);
  expect(textsOf(html, "field-problem")).toEqual([
    "The amount must be at least 0.01.",
    "The reference must not have control characters.",
  ]);
  expect(html.match(/autofocus/g)).toHaveLength(1);
  expect(attributesOf(html, "refund-amount")).toHaveProperty("autofocus");
  expect(attributesOf(html, "refund-reference")).toMatchObject({ "aria-invalid": "true" });
});

describe("a refusal that is not about a field keeps what was typed too, and leaves the fields alone", () => {
  test.each<[string, Record<string, string>, number, string, string, string]>([
    [act, { form: "act", action: "steal", reason: "risk_rejected" }, 400, "reason", "risk_rejected", "act-details"],
    [
      "/inspector/endpoint",
      { form: "endpoint", webhookUrl: "http://localhost:1/", processingAccountId: "nobody" },
      404,
      "endpoint-url",
      "http://localhost:1/",
      "endpoint-details",
    ],
  ])("%s %j", async (path, form, code, field, typed, details) => {
    const { status, html, alert } = await refused(path, form);
    expect([status, typedIn(html, field)]).toEqual([code, typed]);
    expect(alert).toMatch(/^The action failed\. \w/);
    expect(textsOf(html, "field-problem")).toEqual([]);
    expect(html).not.toMatch(/autofocus|aria-invalid/);
    expect(html).toMatch(new RegExp(`<details[^>]* id="${details}"[^>]* open>`));
  });
});

test("a button that sends the same action without a field changes no field", async () => {
  const { html, alert } = await refused(advance, { to: "noon" });
  expect(alert).toContain("The action failed. to must be an instant like");
  expect(html).not.toMatch(/autofocus|aria-invalid|<details[^>]* open>/);
});

test("what was typed is escaped", async () => {
  const { html } = await refused(advance, { form: "advance", by: '"><script>alert(1)</script>' });
  expect(html).not.toContain("<script>alert");
  expect(typedIn(html, "by")).toBe("&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;");
});
