import { describe, expect, test } from "vitest";
import { judgeKeys, judgeNewAttempts, judgeRetries } from "../../src/rehearsal/cases/hygiene/idempotency.ts";
import { judgeRate, judgeStop } from "../../src/rehearsal/cases/hygiene/polling.ts";
import { judgeLifetimes, judgeSignatures } from "../../src/rehearsal/cases/hygiene/signatures.ts";
import type { Traffic, TrafficVerdict } from "../../src/rehearsal/cases/hygiene/traffic.ts";
import type { ApiAnswer, ApiExchange } from "../../src/rehearsal/exchange.ts";

type Given = Partial<ApiExchange>;

const signedFor = (seconds: number) => ({
  "x-signature": `${Buffer.from(JSON.stringify({ exp: seconds })).toString("base64url")}..`,
});
const answer = (status: number, content: object): ApiAnswer => ({ status, headers: [], body: JSON.stringify(content) });

function exchange(given: Given): ApiExchange {
  const usual = {
    method: "GET",
    target: "/",
    operation: "read",
    headers: signedFor(120),
    body: "",
    startTime: 0,
  } as const;
  const got = given.answer === undefined ? {} : { received: given.answer };
  return { ...usual, number: 0, ...got, ...given };
}

/** A create of the order `o-1` at a time, in milliseconds. */
const create = (startTime: number, key: string, given: Given = {}): ApiExchange =>
  exchange({
    method: "POST",
    target: `/v1/payments?idempotencyKey=${key}`,
    operation: "create",
    body: JSON.stringify({ merchantReference: "o-1", amount: { value: 38, currency: "hkd" } }),
    answer: answer(201, { id: key, trackingUrl: `/v1/tracks/payments/${key}`, status: "pending" }),
    startTime,
    ...given,
  });
const lost: Given = { received: "cut", fault: "lost answer" };
const failed: Given = { received: answer(500, { reason: { code: "internal_error" } }) };
const read = (startTime: number, status: string, path = "/v1/payments/a"): ApiExchange =>
  exchange({ target: path, startTime, answer: answer(200, { id: "a", status }) });
const reads = (count: number, everyMs: number, status = "pending") =>
  Array.from({ length: count }, (_, at) => read(10 + at * everyMs, status));
const declined = [{ id: "a", status: "declined", time: 50 }];

const traffic = (exchanges: ApiExchange[], rest: Partial<Traffic> = {}): Traffic => ({
  exchanges: exchanges.map((one, number) => ({ ...one, number })),
  prompts: [],
  ends: [],
  ...rest,
});

const verdictOf = ({ isSeen, complaint }: TrafficVerdict) =>
  complaint === undefined ? (isSeen ? "right" : "nothing to judge") : "wrong";

describe("the hygiene of requests:", () => {
  const refund = (key: string, given: Given = {}) =>
    exchange({ target: `/v1/payments/a/refunds?idempotencyKey=${key}`, operation: "refund", body: "{}", ...given });
  const unavailable = answer(500, { reason: { code: "idempotency_unavailable" } });

  test.for<[string, (given: Traffic) => TrafficVerdict, Traffic, string]>([
    ["no request", judgeSignatures, traffic([]), "nothing to judge"],
    ["signed requests", judgeSignatures, traffic([read(0, "pending")]), "right"],
    ["an unsigned request", judgeSignatures, traffic([exchange({ headers: {} })]), "wrong"],
    ["a refused signature", judgeSignatures, traffic([exchange({ answer: answer(401, {}) })]), "wrong"],

    ["a lifetime of 120 s", judgeLifetimes, traffic([exchange({})]), "right"],
    ["a lifetime of 30 s, rounded down", judgeLifetimes, traffic([exchange({ headers: signedFor(29.5) })]), "right"],
    ["a lifetime of 5 s", judgeLifetimes, traffic([exchange({ headers: signedFor(5) })]), "wrong"],
    ["a lifetime of 300 s", judgeLifetimes, traffic([exchange({ headers: signedFor(300) })]), "wrong"],
    ["a lifetime that cannot be read", judgeLifetimes, traffic([exchange({ headers: {} })]), "nothing to judge"],

    ["only reads", judgeKeys, traffic([read(0, "pending")]), "nothing to judge"],
    ["a create with a key", judgeKeys, traffic([create(0, "a")]), "right"],
    ["a create with an empty key", judgeKeys, traffic([create(0, "")]), "wrong"],
    ["a refund without a key", judgeKeys, traffic([create(0, "a"), refund("")]), "wrong"],

    ["no lost answer", judgeRetries, traffic([create(0, "a"), create(1, "b")]), "nothing to judge"],
    ["a lost answer, the same key", judgeRetries, traffic([create(0, "a", lost), create(1, "a")]), "right"],
    ["a lost answer, another key", judgeRetries, traffic([create(0, "a", lost), create(1, "b")]), "wrong"],
    ["a server error, another key", judgeRetries, traffic([create(0, "a", failed), create(1, "b")]), "wrong"],
    [
      "keys are unavailable, and the retry has none",
      judgeRetries,
      traffic([create(0, "a", { received: unavailable }), create(1, "")]),
      "nothing to judge",
    ],
    [
      "a lost answer, a look, and another key",
      judgeRetries,
      traffic([create(0, "a", lost), read(1, "", "/v1/requests/payments"), create(2, "b")]),
      "nothing to judge",
    ],
    [
      "a lost answer, a report that it was declined, and another key",
      judgeRetries,
      traffic([create(0, "a", lost), create(60, "b")], { ends: declined }),
      "nothing to judge",
    ],
    [
      "a lost answer of another order",
      judgeRetries,
      traffic([create(0, "a", { ...lost, body: '{"merchantReference":"o-2"}' }), create(1, "b")]),
      "nothing to judge",
    ],
    ["a refund with another key", judgeRetries, traffic([refund("a", lost), refund("b")]), "wrong"],

    ["one attempt", judgeNewAttempts, traffic([create(0, "a")], { ends: declined }), "nothing to judge"],
    [
      "a second attempt, a new key",
      judgeNewAttempts,
      traffic([create(0, "a"), create(60, "b")], { ends: declined }),
      "right",
    ],
    [
      "a second attempt, the old key",
      judgeNewAttempts,
      traffic([create(0, "a"), create(60, "a")], { ends: declined }),
      "wrong",
    ],
    [
      "a second attempt after a read, the old key",
      judgeNewAttempts,
      traffic([create(0, "a"), read(20, "aborted", "/v1/tracks/payments/a"), create(60, "a")]),
      "wrong",
    ],
    [
      "the old key before the end",
      judgeNewAttempts,
      traffic([create(0, "a"), create(40, "a")], { ends: declined }),
      "nothing to judge",
    ],

    ["slow reads of a final payment", judgeRate, traffic([create(0, "a"), ...reads(40, 250, "captured")]), "right"],
    ["reads that never wait longer", judgeRate, traffic([create(0, "a"), ...reads(40, 300)]), "wrong"],
    ["a few reads that do not wait longer", judgeRate, traffic([create(0, "a"), ...reads(10, 300)]), "right"],
    ["reads each second", judgeRate, traffic([create(0, "a"), ...reads(40, 1_000)]), "right"],
    [
      "reads that wait longer each time",
      judgeRate,
      traffic([create(0, "a"), ...Array.from({ length: 20 }, (_, at) => read(200 * 1.3 ** at, "pending"))]),
      "right",
    ],
    [
      "reads that never wait longer, because each was asked for",
      judgeRate,
      traffic([create(0, "a"), ...reads(40, 300)], {
        prompts: Array.from({ length: 12 }, (_, at) => ({ paymentId: "a", time: at * 1_000 })),
      }),
      "right",
    ],
    ["fast reads", judgeRate, traffic([create(0, "a"), ...reads(40, 50)]), "wrong"],
    [
      "fast reads that were asked for",
      judgeRate,
      traffic([create(0, "a"), ...reads(40, 50)], {
        prompts: Array.from({ length: 12 }, (_, at) => ({ paymentId: "a", time: at * 100 })),
      }),
      "right",
    ],
    ["no reads", judgeRate, traffic([create(0, "a")]), "nothing to judge"],
    ["reads until the end", judgeStop, traffic([create(0, "a"), ...reads(30, 250), read(9_000, "captured")]), "right"],
    ["slow reads after the end", judgeStop, traffic([create(0, "a"), ...reads(30, 1_000, "captured")]), "wrong"],
    ["no end", judgeStop, traffic([create(0, "a"), ...reads(30, 1_000)]), "nothing to judge"],
  ])("%s", ([, judge, given, expected]) => {
    expect(verdictOf(judge(given))).toBe(expected);
  });
});
