import { expect, test } from "vitest";
import { createSandbox } from "../../src/index.ts";
import { createPayment, frozenSandbox, get, post } from "../support/merchant.ts";
import { putBack, snapshotOf } from "../support/snapshots.ts";

const mebibyte = 1024 * 1024;
/** Maximum size of an answer to any wrong body, in characters. */
const answerMax = 64 * 1024;

/** Members with these names and values, as one JSON text of nearly one mebibyte. */
function filled(open: string, item: (index: number) => string, close: string): string {
  const items: string[] = [];
  for (let size = open.length + close.length; size < mebibyte - 100; ) {
    const next = item(items.length);
    items.push(next);
    size += next.length + 1;
  }
  return open + items.join(",") + close;
}

test.each<[what: string, target: string, body: string, path: string]>([
  ["a list of wrong scopes", "/credentials", filled('{"publicKey":"x","scopes":[', () => '"x"', "]}"), "scopes"],
  ["unknown members", "/reset", filled("{", (index) => `"m${index}":1`, "}"), ""],
  ["unknown settings", "/worlds", filled('{"settings":{', (index) => `"m${index}":1`, "}}"), "settings"],
  ["queries of a wrong type", "/requests/verify", filled('{"query":{', (index) => `"m${index}":1`, "}}"), "query"],
  ["members of a key", "/credentials", filled('{"publicKey":{', (index) => `"m${index}":1`, "}}"), "publicKey"],
])("one mebibyte of %s: a short refusal names the place", async (_, target, body, path) => {
  await using sandbox = await createSandbox();
  const answer = await post(sandbox, `/_sandbox${target}`, body);
  expect([answer.status, answer.body.errors]).toEqual([
    400,
    [{ path, code: "invalid_request", description: expect.stringContaining("must not have more than 1000 items") }],
  ]);
});

test("a list of scopes has a maximum length", async () => {
  await using sandbox = await createSandbox();
  const scopes = Array.from({ length: 11 }, () => "payments:read");
  const answer = await post(sandbox, "/_sandbox/credentials", { publicKey: "x", scopes });
  const description = "scopes must not have more than 10 items.";
  expect(answer.body.errors).toEqual([{ path: "scopes", code: "invalid_request", description }]);
});

test("an answer lists 50 errors, and says how many more there are", async () => {
  await using sandbox = await createSandbox();
  const wrong = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, index) => [`m${index}`, 1]));
  for (const [count, description] of [
    [50, "The request is not valid."],
    [51, "The request is not valid. 1 more error is not listed."],
    [500, "The request is not valid. 450 more errors are not listed."],
  ] as const) {
    for (const body of [wrong(count), { settings: wrong(count) }]) {
      const answer = await post(sandbox, "settings" in body ? "/_sandbox/worlds" : "/_sandbox/reset", body);
      expect([answer.status, answer.body.errors.length]).toEqual([400, 50]);
      expect(answer.body.reason).toEqual({ code: "invalid_request", description });
    }
  }
});

test.each<[what: string, target: string, body: object]>([
  ["the name of a member", "/reset", { ["m".repeat(mebibyte / 2)]: 1 }],
  ["the name of a setting", "/worlds", { settings: { ["m".repeat(mebibyte / 2)]: 1 } }],
  ["the value of a setting", "/worlds", { settings: { expiry: "m".repeat(mebibyte / 2) } }],
  ["a world", "/payments", { processingAccountId: "m".repeat(mebibyte / 2) }],
  ["a key", "/keys/retire", { hmacKid: "m".repeat(mebibyte / 2) }],
  ["a scenario", "/scenarios/next", { scenario: "m".repeat(mebibyte / 2) }],
])("%s of half a mebibyte is shortened in the refusal", async (_, target, body) => {
  await using sandbox = await createSandbox();
  const answer = await post(sandbox, `/_sandbox${target}`, body);
  expect(answer.status).toBeGreaterThanOrEqual(400);
  expect(answer.text.length).toBeLessThan(4_000);
});

test("a wrong snapshot has the same bounds: 50 errors, and the number of the others", async () => {
  await using sandbox = await frozenSandbox();
  await createPayment(sandbox);
  const { body } = await snapshotOf(sandbox);
  const [payment] = body.records.payment;
  const count = 5_000;
  const bent: [what: string, bend: (snapshot: typeof body) => unknown, errors: number][] = [
    ["records", (s) => (s.records.payment = Array.from({ length: count }, () => ({ ...payment, amount: 0 }))), count],
    ["numbers as records", (s) => (s.records.task = Array.from({ length: count }, () => 5)), count],
    ["twice the same", (s) => (s.records.payment = Array.from({ length: count }, () => payment)), 3 * (count - 1)],
    ["scopes", (s) => (s.merchant.credentials[0].scopes = Array.from({ length: count }, () => "x")), count],
    ["ids", (s) => (s.ids = Object.fromEntries(Array.from({ length: count }, (_, at) => [`m${at}`, -1]))), count],
    ["members", (s) => Object.assign(s, Object.fromEntries(Array.from({ length: count }, (_, at) => [at, 1]))), count],
    ["settings", (s) => Array.from({ length: count }, (_, at) => (s.settings[`m${at}`] = 1)), count],
    ["a long name", (s) => (s["m".repeat(mebibyte)] = 1), 1],
  ];
  for (const [what, bend, errors] of bent) {
    const snapshot = structuredClone(body);
    bend(snapshot);
    const answer = await putBack(sandbox, snapshot);
    const listed = answer.body.errors.length;
    expect([what, answer.status, listed]).toEqual([what, 400, Math.min(50, errors)]);
    if (errors > 50) expect(answer.body.reason.description).toContain(` ${errors - 50} more errors are not listed.`);
    expect(answer.text.length).toBeLessThan(answerMax);
  }
  expect((await snapshotOf(sandbox)).text).toBe(JSON.stringify(body));
});

test.each([{ snapshotMaxBytes: 40_000 }, { snapshotMaxValues: 2_000 }])(
  "a snapshot that is taken can be restored, and a larger one is refused when it is taken: %j",
  async (limits) => {
    await using sandbox = await frozenSandbox({ limits });
    let taken = await snapshotOf(sandbox);
    let refused = taken;
    for (let count = 0; count < 200 && refused.status === 200; count += 1) {
      await createPayment(sandbox);
      taken = refused;
      refused = await get(sandbox, "/_sandbox/snapshot");
    }
    expect([refused.status, refused.body.reason?.code]).toEqual([409, "action_not_allowed"]);
    expect(refused.body.reason.description).toContain(String(Object.values(limits)[0]));
    expect(taken.body.records.payment.length).toBeGreaterThan(10);
    expect((await putBack(sandbox, taken.text)).status).toBe(200);
    expect((await snapshotOf(sandbox)).text).toBe(taken.text);
  },
);

test("a snapshot of many small values, which take twenty times their bytes of memory, is not parsed", async () => {
  await using sandbox = await frozenSandbox({ limits: { snapshotMaxValues: 1_000 } });
  const answer = await putBack(sandbox, `{"note":"${",[{".repeat(500)}","list":[${"{},".repeat(1_000)}0]}`);
  expect(answer.body.errors).toEqual([
    { path: "", code: "invalid_request", description: "The body has more than 1000 values." },
  ]);
  expect((await putBack(sandbox, `{"note":"${',[{\\"'.repeat(1_000)}"}`)).body.errors[0].path).toBe("format");
});
