import { createServer } from "node:http";
import { describe, expect, test } from "vitest";
import { type PlanInput, SetupError } from "../../src/rehearsal/plan.ts";
import { rehearse } from "../../src/rehearsal/rehearse.ts";
import { openMerchant } from "./merchant.ts";
import type { Mutant } from "./mutants/mutant.ts";

type Change = Pick<Mutant, "find" | "replace">;

const inShop = (find: string, replace: string): Change => ({ find, replace });
const refusal = 'if (!isGenuine(request.headers["x-signature"], text, webhookUrl)) return { status: 401 };';
const door = (status: number) => inShop(refusal, `return { status: ${status} };`);
const responding = "const { status, body } = await respond(request, design)";
const writing = 'response.writeHead(status, { "Content-Type": "application/json" });';

/** Rehearses the exemplary merchant after a change of one line, or of the plan. */
async function rehearseChanged(
  change?: Change,
  plan: (given: PlanInput) => Partial<PlanInput> = () => ({}),
  only?: readonly string[],
) {
  using merchant = await openMerchant("exemplary", change);
  const changed = { ...merchant.plan, ...plan(merchant.plan) };
  return await rehearse(changed, { directory: merchant.directory, ...(only === undefined ? {} : { only }) });
}

describe("one finding blocks all cases:", () => {
  test.for([
    ["the endpoint redirects", "door_redirects", "302", door(302)],
    ["the endpoint asks for a sign-in", "door_forbidden", "401", door(401)],
    ["the endpoint has CSRF protection", "door_forbidden", "403", door(403)],
    ["the endpoint does not exist", "door_missing", "404", door(404)],
    ["the endpoint does not take POST", "door_missing", "405", door(405)],
    ["the endpoint always fails", "door_error", "500", door(500)],
    [
      "the endpoint is a page",
      "door_html",
      "an HTML page",
      inShop(responding, `if (request.url === "/webhooks") return response.end("<!DOCTYPE html>"); ${responding}`),
    ],
    [
      "the checkout makes no payment",
      "no_create",
      "answered 201",
      inShop("const payment = await create(order, attempt);", "const payment = {};"),
    ],
    [
      "requests have no signature",
      "unsigned",
      "X-Signature",
      { find: '"X-Signature": signRequest(method, target, body), ', replace: "" },
    ],
    [
      "the create is refused",
      "refused_create",
      "unsupported_currency",
      inShop('amount: { value: order.amount, currency: "hkd" }', 'amount: { value: order.amount, currency: "usd" }'),
    ],
  ] satisfies [string, string, string, Change][])("%s: %s", async ([, id, words, change]) => {
    const { preflight, cases, outcome } = await rehearseChanged(change);
    expect(preflight).toEqual([
      { id, sentence: expect.stringContaining(words), advice: expect.stringMatching(/^[A-Z].{20}/) },
    ]);
    expect(new Set(cases.map(({ verdict, reason }) => `${verdict} ${reason}`))).toEqual(
      new Set(["not_judged blocked"]),
    );
    expect(outcome).toBe("fail");
  });

  test("webhookUrl has another path than the route: door_missing", async () => {
    const { preflight } = await rehearseChanged(undefined, ({ webhookUrl }) => ({ webhookUrl: `${webhookUrl}s` }));
    expect(preflight.map(({ id }) => id)).toEqual(["door_missing"]);
  });

  test("the checkout has another path than the route: no_create", async () => {
    const checkout = { steps: [{ request: "POST /buy" }] };
    const { preflight } = await rehearseChanged(undefined, () => ({ checkout }));
    expect(preflight).toMatchObject([{ id: "no_create", sentence: expect.stringMatching(/\/buy answered 404/) }]);
  });
});

describe("there is no finding if", () => {
  test.for([
    [
      "the endpoint fails until it has stored the payment",
      inShop(refusal, "if (!globalThis.seen) return (globalThis.seen = true), { status: 500 };"),
    ],
    [
      "the endpoint does its work and answers with a page",
      inShop(writing, `if (status === 204) return response.end("<!doctype html><p>OK"); ${writing}`),
    ],
  ] as const)("%s", async ([, change]) => {
    const { preflight, cases } = await rehearseChanged(change, undefined, ["requests_signed"]);
    expect(preflight).toEqual([]);
    expect(cases.map(({ verdict }) => verdict)).toEqual(["pass"]);
  });
});

describe("the run stops with what to change, because", () => {
  const order = (change: object) => (given: PlanInput) =>
    ({ order: { ...given.order, ...change } }) as Partial<PlanInput>;
  const start = (change: object) => (given: PlanInput) =>
    ({ start: { ...given.start, ...change } }) as Partial<PlanInput>;
  test.for([
    [
      "a word is not mapped",
      '"payed", which order.words does not map',
      {
        find: 'if (refunded === 0) return "paid";',
        replace: 'if (refunded === 0) return "payed";',
      },
      undefined,
    ],
    ["the order has nothing at the pointer", "order.pointer /state", undefined, order({ pointer: "/state" })],
    ["the order is not found", "order.notFound", undefined, order({ url: "/nothing", notFound: undefined })],
    [
      "the order is behind a sign-in",
      "Check order.url",
      inShop(
        '"GET /orders/:": async ({ order }) => (showsOrder(order) ? { status: 200',
        '"GET /orders/:": async ({ order }) => (showsOrder(order) ? { status: 302',
      ),
      undefined,
    ],
    [
      "the server ends at its start",
      "has ended: it exited with 3",
      inShop("createServer(async", "process.exit(3); createServer(async"),
      undefined,
    ],
    [
      "the server opens no port",
      "within 300 ms",
      inShop('}).listen(port, "127.0.0.1");', "}); setInterval(() => {}, 1000);"),
      start({ limitMs: 300 }),
    ],
    ["no server runs", "start the server, or set start", undefined, () => ({ start: undefined })],
  ] as const)("%s", async ([, words, change, plan]) => {
    await expect(rehearseChanged(change, plan)).rejects.toThrow(
      expect.objectContaining({ name: SetupError.name, message: expect.stringContaining(words) }),
    );
  });

  test("the port is in use", async () => {
    using merchant = await openMerchant("exemplary");
    const port = Number(new URL(merchant.plan.webhookUrl).port);
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(port, "127.0.0.1", resolve));
    try {
      await expect(rehearse(merchant.plan, { directory: merchant.directory })).rejects.toThrow(
        `The port ${port} of webhookUrl is in use already`,
      );
    } finally {
      await new Promise((resolve) => other.close(resolve));
    }
  });
});
