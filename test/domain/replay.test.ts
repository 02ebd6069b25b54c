import { describe, expect, test } from "vitest";
import { idempotencyKeyLifeMs, type KeyedOperation, replayId, requestText } from "../../src/domain/replay.ts";

/** Parses the body as JSON, so that all members, also `__proto__`, are own members. */
function text(json: string, path = "/v1/payments"): string {
  return requestText(path, JSON.parse(json));
}

function nested(depth: number, inner: string): string {
  return `${'{"a":['.repeat(depth)}${inner}${"]}".repeat(depth)}`;
}

const operations: readonly KeyedOperation[] = ["payments", "refunds"];

describe("the id of a replay", () => {
  test("is the same for the same world, operation and key", () => {
    expect(replayId("world-1", "refunds", "key-1")).toBe(replayId("world-1", "refunds", "key-1"));
  });

  test("is different for each other world, operation and key, also with unusual characters", () => {
    const betweens = [" ", ",", ":", "/", "|", ".", "-", "", "\u0000", "\n", '","', '", "', '\\",\\"', "%2F"];
    const shifted = betweens.flatMap((between) =>
      operations.flatMap((operation) => [`a${between}${operation}${between}b`, `b${between}${operation}${between}c`]),
    );
    const odd = [
      "",
      "a",
      "b",
      "c",
      "A",
      " a",
      "a ",
      "a/b",
      "a%2Fb",
      '"',
      "\\",
      '\\"',
      "[]",
      "null",
      "__proto__",
      "\u0000",
    ];
    const odder = ["é", "e\u0301", "\ud83e", "\\ud83e", ...operations];
    const texts = [...new Set([...shifted, ...odd, ...odder])];
    const ids = texts.flatMap((world) =>
      operations.flatMap((operation) => texts.map((key) => replayId(world, operation, key))),
    );
    expect(new Set(ids).size).toBe(texts.length * operations.length * texts.length);
  });
});

test("a key expires after a week", () => {
  expect(idempotencyKeyLifeMs).toBe(604_800_000);
});

describe("the same request", () => {
  test.each([
    ["with the same body", '{"a":1,"b":[1,2]}', '{"a":1,"b":[1,2]}'],
    ["with members in another order", '{"a":1,"b":2,"c":3}', '{"c":3,"a":1,"b":2}'],
    ["with members of a member in another order", '{"a":{"b":1,"c":2}}', '{"a":{"c":2,"b":1}}'],
    ["with members in an array in another order", '[{"a":1,"b":2},{"c":3}]', '[{"b":2,"a":1},{"c":3}]'],
    ["with deeply nested members in another order", nested(50, '{"b":1,"c":2}'), nested(50, '{"c":2,"b":1}')],
    ["with numeric names in another order", '{"10":1,"9":2,"a":3}', '{"a":3,"9":2,"10":1}'],
    ["with names that differ only in case, in another order", '{"a":1,"A":2}', '{"A":2,"a":1}'],
    ["with names beyond ASCII in another order", '{"é":1,"訂單":2,"z":3}', '{"z":3,"訂單":2,"é":1}'],
    ["with __proto__ in another order", '{"a":1,"__proto__":{"b":1,"c":2}}', '{"__proto__":{"c":2,"b":1},"a":1}'],
    ["with the empty name in another order", '{"":1,"a":2}', '{"a":2,"":1}'],
    ["with blanks between", '{"a":1,"b":[1,2]}', ' { "a" : 1,\n"b" : [ 1 , 2 ] } '],
    ["with another spelling of a text", '{"a":"é/"}', '{"\\u0061":"\\u00e9\\/"}'],
    ["with another spelling of a number", '{"a":1.5e2}', '{"a":150.0}'],
  ])("%s has the same text", (_what, one, other) => {
    expect(text(other)).toBe(text(one));
  });

  test("does not change its body", () => {
    const body = Object.freeze({ b: Object.freeze([2, 1]), a: 1 });
    requestText("/v1/payments", body);
    expect(Object.keys(body)).toEqual(["b", "a"]);
  });
});

describe("another request", () => {
  test.each([
    ["with another value", '{"a":1}', '{"a":2}'],
    ["with another deeply nested value", nested(50, "1"), nested(50, "2")],
    ["with a text for a number", '{"a":1}', '{"a":"1"}'],
    ["with a text for true", '{"a":true}', '{"a":"true"}'],
    ["with a text for null", '{"a":null}', '{"a":"null"}'],
    ["with zero for false", '{"a":0}', '{"a":false}'],
    ["with null for a missing member", '{"a":null}', "{}"],
    ["with an empty text for null", '{"a":""}', '{"a":null}'],
    ["with an empty array for an empty object", '{"a":[]}', '{"a":{}}'],
    ["with an object for an array", '{"a":["b"]}', '{"a":{"0":"b"}}'],
    ["with the elements of an array in another order", '{"a":[1,2]}', '{"a":[2,1]}'],
    ["with the objects of an array in another order", '[{"a":1},{"b":2}]', '[{"b":2},{"a":1}]'],
    ["with an additional element", '{"a":[1]}', '{"a":[1,1]}'],
    ["with an array around the value", '{"a":1}', '{"a":[1]}'],
    ["with an additional member", '{"a":1}', '{"a":1,"b":1}'],
    ["with a member of another name", '{"a":1}', '{"b":1}'],
    ["with a name in another case", '{"a":1}', '{"A":1}'],
    ["with the values of two members exchanged", '{"a":1,"b":2}', '{"a":2,"b":1}'],
    ["with a member on another level", '{"a":{"b":1},"c":2}', '{"a":{"b":1,"c":2}}'],
    ["with an additional member __proto__", '{"a":1}', '{"a":1,"__proto__":{"b":1}}'],
    ["with another value of __proto__", '{"__proto__":{"b":1}}', '{"__proto__":{"b":2}}'],
    ["with another deeply nested value of __proto__", '{"a":[{"__proto__":1}]}', '{"a":[{"__proto__":2}]}'],
    ["with an additional member constructor", "{}", '{"constructor":{}}'],
    ["with an additional member toJSON", '{"a":1}', '{"a":1,"toJSON":1}'],
    ["with a blank in a text", '{"a":"b c"}', '{"a":"bc"}'],
    ["with a text in another case", '{"a":"b"}', '{"a":"B"}'],
    ["with JSON in a text", '{"a":{"b":1}}', '{"a":"{\\"b\\":1}"}'],
    ["with a letter composed in another way", '{"a":"é"}', '{"a":"e\u0301"}'],
    ["with one cent more", '{"a":200}', '{"a":200.01}'],
  ])("%s has another text", (_what, one, other) => {
    expect(text(other)).not.toBe(text(one));
  });

  test.each([
    ["to another path", "/v1/payments/a/refunds", "/v1/payments/b/refunds"],
    ["to a path in another case", "/v1/payments/a", "/v1/payments/A"],
    ["to a path with an additional slash", "/v1/payments", "/v1/payments/"],
  ])("%s has another text", (_what, one, other) => {
    expect(text("{}", other)).not.toBe(text("{}", one));
  });

  test("with the same joined path and body has another text", () => {
    expect(text("11", "/a")).not.toBe(text("1", "/a1"));
    expect(text('" 1"', "/a")).not.toBe(text("1", '/a "'));
  });
});
