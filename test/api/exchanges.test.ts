import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import type { Sandbox } from "../../src/index.ts";
import { type Answer, answerOf, frozenSandbox } from "../support/merchant.ts";

/** The documented examples as data. `fixtures/exchanges/README.md` describes their format. */
const folder = new URL("../../fixtures/exchanges/", import.meta.url);
const files = readdirSync(folder).filter((name) => name.endsWith(".json"));

const mark = z.enum(["seed", "docs", "plugin", "wallet", "ours"]);

const step = z.strictObject({
  name: z.string().optional(),
  request: z
    .strictObject({
      method: z.enum(["GET", "POST", "PUT", "PATCH", "DELETE"]),
      target: z.string(),
      headers: z.record(z.string(), z.string()).optional(),
      body: z.json().optional(),
    })
    .optional(),
  response: z.strictObject({ status: z.int(), statusSource: mark.optional(), body: z.json() }).optional(),
  webhook: z.json().optional(),
});

const exchange = z
  .strictObject({
    source: z.string().regex(/^(seed|docs|plugin|wallet|ours)(, (seed|docs|plugin|wallet|ours))*: \S/),
    ...step.shape,
    steps: z.array(step).min(1).optional(),
  })
  .transform(({ source, steps, ...alone }) => ({ source, steps: steps ?? [alone] }));

type Exchange = z.output<typeof exchange>;
type Step = z.output<typeof step>;
type Json = z.output<ReturnType<typeof z.json>>;

function readExchange(file: string): Exchange {
  return exchange.parse(JSON.parse(readFileSync(new URL(file, folder), "utf8")));
}

/** Placeholders for values that differ in each run. The last two are in the provider's example. */
const varying: readonly (readonly [placeholder: string, pattern: string])[] = [
  ["{ksuid}", "[0-9A-Za-z]{27}"],
  ["{trackId}", "[\\w-]+"],
  ["{cursor}", "[\\w-]+"],
  ["{url}", "https?://\\S+"],
  ["27yiW9MgzBtwiodreuNOXk0rtIw", "[0-9A-Za-z]{27}"],
  ["https://payment.method/complete", "https?://\\S+"],
];

const escaped = (text: string) => text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");

/** Pattern of the texts that fit an expected text with placeholders. */
function patternOf(text: string): RegExp {
  const fill = (pattern: string, [placeholder, fit]: (typeof varying)[number]) =>
    pattern.replaceAll(escaped(placeholder), fit);
  return new RegExp(`^${varying.reduce(fill, escaped(text))}$`);
}

/** Replaces the values that fit a placeholder by that placeholder. */
function withPlaceholders(actual: Json, expected: Json | undefined): Json {
  if (typeof actual === "string") {
    return typeof expected === "string" && patternOf(expected).test(actual) ? expected : actual;
  }
  if (Array.isArray(actual)) {
    const items = Array.isArray(expected) ? expected : [];
    return actual.map((item, index) => withPlaceholders(item, items[index]));
  }
  if (typeof actual !== "object" || actual === null) return actual;
  const members = typeof expected === "object" && expected !== null && !Array.isArray(expected) ? expected : {};
  return Object.fromEntries(
    Object.entries(actual).map(([name, value]) => [name, withPlaceholders(value, members[name])]),
  );
}

/** Compares texts because the order of members matters. */
function expectSame(actual: Json, expected: Json) {
  expect(JSON.stringify(withPlaceholders(actual, expected), null, 2)).toBe(JSON.stringify(expected, null, 2));
}

/** Inserts earlier answers: `{payment.id}` is the member `id` of the answer to the step `payment`. */
function filled<T>(value: T, answers: ReadonlyMap<string, Json>): T {
  const lookUp = (reference: string, path: string) => {
    const [name = "", ...members] = path.split(".");
    const found = members.reduce<unknown>(
      (holder, member) => (holder as Record<string, unknown> | undefined)?.[member],
      answers.get(name),
    );
    if (typeof found !== "string") throw new Error(`${reference} is not a string in an earlier answer`);
    return found;
  };
  const fill = (part: unknown): unknown => {
    if (typeof part === "string") return part.replace(/\{(\w+(?:\.\w+)+)\}/g, lookUp);
    if (Array.isArray(part)) return part.map(fill);
    if (typeof part !== "object" || part === null) return part;
    return Object.fromEntries(Object.entries(part).map(([name, inner]) => [name, fill(inner)]));
  };
  return fill(value) as T;
}

const textOf = (body: Json) => (typeof body === "string" ? body : JSON.stringify(body));
const jsonOf = (body: Json): Json => (typeof body === "string" ? JSON.parse(body) : body);

async function send(
  sandbox: Sandbox,
  { method, target, headers, body }: NonNullable<Step["request"]>,
): Promise<Answer> {
  const text = body === undefined ? {} : { body: textOf(body) };
  return answerOf(await sandbox.fetch(target, { method, ...(headers === undefined ? {} : { headers }), ...text }));
}

/** Runs an exchange in a new sandbox with its clock frozen at 2026-01-05T09:00:00Z. */
async function replay({ steps }: Exchange): Promise<void> {
  const webhooks: Json[] = [];
  await using sandbox = await frozenSandbox({
    webhook: async (request) => {
      webhooks.push((await request.json()) as Json);
      return new Response(null, { status: 204 });
    },
  });
  const answers = new Map<string, Json>();
  for (const { name, request, response, webhook } of steps) {
    if (request !== undefined) {
      const { status, body } = await send(sandbox, filled(request, answers));
      if (response === undefined) expect(status, JSON.stringify(body)).toBeLessThan(300);
      else {
        expectSame(body, filled(jsonOf(response.body), answers));
        expect(status).toBe(response.status);
      }
      if (name !== undefined) answers.set(name, body);
    }
    if (webhook !== undefined) {
      await sandbox.settle();
      expectSame(webhooks.shift() ?? null, filled(webhook, answers));
    }
  }
  if (steps.every(({ webhook }) => webhook === undefined)) return;
  await sandbox.settle();
  expect(webhooks).toEqual([]);
}

test.each(files)("%s gets the documented answers", async (file) => {
  await replay(readExchange(file));
});

describe("the provider's example fails if the expected answer has", () => {
  const example = readExchange("create-payment.json");
  const [asked] = example.steps;
  const body = jsonOf(asked?.response?.body ?? null) as Record<string, Json>;
  const { id, merchantReference, status, ...others } = body;
  const { reason: _, ...withoutReason } = body;

  test.each<[string, Record<string, Json>]>([
    ["a missing member", withoutReason],
    ["an additional member", { ...body, amount: { value: 200, currency: "hkd" } }],
    ["an additional nested member", { ...body, reason: { ...(body.reason as object), more: "said" } }],
    ["two members in exchanged order", { id, status, merchantReference, ...others } as Record<string, Json>],
    ["another text", { ...body, status: "captured" }],
    ["an id that is not a KSUID", { ...body, id: "{ksuid}x" }],
    ["a number in place of a text", { ...body, merchantReference: 5 }],
  ])("%s", async (_what, bent) => {
    const steps = [{ ...asked, response: { status: 201, body: bent } }];
    await expect(replay({ ...example, steps })).rejects.toThrow("to be");
  });

  test("another status", async () => {
    const steps = [{ ...asked, response: { status: 200, body } }];
    await expect(replay({ ...example, steps })).rejects.toThrow("to be");
  });
});

test("an exchange fails if a webhook is not in its steps", async () => {
  const { source, steps } = readExchange("payment-webhook.json");
  const again = steps.filter(({ webhook }) => webhook === undefined);
  await expect(replay({ source, steps: [...steps, ...again] })).rejects.toThrow("deeply equal");
});

test.each([
  ["a placeholder without an earlier answer", { request: { method: "GET", target: "{payment.id}" } }],
  ["a step without an expected response that fails", { request: { method: "GET", target: "/v1/payments/x" } }],
  ["an unknown member", { request: { method: "GET", target: "/v1/payments" }, respons: {} }],
  ["a source without a mark", { source: "the provider", request: { method: "GET", target: "/v1/payments" } }],
])("an exchange fails with %s", async (_what, content) => {
  await expect(async () => replay(exchange.parse({ source: "ours: a mistake", ...content }))).rejects.toThrow();
});
