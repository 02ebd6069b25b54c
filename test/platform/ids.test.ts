import { describe, expect, test } from "vitest";
import { firstKsuidTime, isKsuid, ksuidOf, lastKsuidTime } from "../../src/domain/ksuid.ts";
import { randomIds, seededIds } from "../../src/platform/ids.ts";
import { start } from "../support/records.ts";

const alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/** The value of base62 digits. */
function numberOf(text: string): bigint {
  return [...text].reduce((value, digit) => value * 62n + BigInt(alphabet.indexOf(digit)), 0n);
}

/** The value of a time in seconds since 2014, followed by 16 bytes. */
function numberFrom(time: number, bytes: Buffer): bigint {
  const seconds = BigInt(Math.floor((time - firstKsuidTime) / 1000));
  return (seconds << 128n) + BigInt(`0x${bytes.toString("hex")}`);
}

describe("a KSUID", () => {
  const bytes = [
    ["zeros", Buffer.alloc(16)],
    ["ones", Buffer.alloc(16, 0xff)],
    ["a single low bit", Buffer.from(`${"00".repeat(15)}01`, "hex")],
    ["a single high bit", Buffer.from(`80${"00".repeat(15)}`, "hex")],
    ["different bytes", Buffer.from("00112233445566778899aabbccddeeff", "hex")],
  ] as const;
  const times = [firstKsuidTime, firstKsuidTime + 999, start, start + 1, lastKsuidTime];

  test.each(bytes)("contains the second and %s", (_what, random) => {
    for (const time of times) {
      const text = ksuidOf(time, random);
      expect(isKsuid(text)).toBe(true);
      expect(numberOf(text)).toBe(numberFrom(time, random));
    }
  });

  test("takes its bytes from an offset", () => {
    const [, , , , [, random]] = bytes;
    expect(ksuidOf(start, Buffer.concat([Buffer.alloc(5, 7), random, Buffer.alloc(3, 7)]), 5)).toBe(
      ksuidOf(start, random),
    );
  });

  test.each([firstKsuidTime - 1, lastKsuidTime + 1, Number.NaN])("cannot contain the time %d", (time) => {
    expect(() => ksuidOf(time, Buffer.alloc(16))).toThrow("cannot contain the time");
  });
});

describe("the ids of a seed", () => {
  test("are the same in every version", () => {
    const ids = seededIds("a seed");
    expect([
      ids.ksuid("payment", "world-1", start),
      ids.ksuid("payment", "world-1", start + 999),
      ids.ksuid("payment", "world-1", firstKsuidTime),
      ids.ksuid("payment", "world-1", lastKsuidTime),
      ids.ksuid("refund", "world-2", start),
      ids.token("page", "world-1"),
      ids.token("page", "world-1"),
      ids.token("payment_track", "world-1"),
    ]).toEqual([
      "37pcl0c7hkrLbHGMrJ3Flz82H4k",
      "37pcl14TAruF0L5BKNBL70lAvlg",
      "000007Cd7AgT8cBs5ExewPa8Frj",
      "aWgEPPwWgSqSlHiqlLBvRNUZpB6",
      "37pcl1ARaGZe7PRosVs8rFZ0iVY",
      "qGG_mwGi2xXBNPeS4IiIcRa9",
      "X9kPjNQs2ydomae5ttHoVNGl",
      "pdME3S9tCxYIGRv2hbyS3Ktv",
    ]);
  });
});

describe("random ids", () => {
  // More than one pool of random bytes.
  const count = 2_000;

  test("are different KSUIDs of their second", () => {
    const ids = randomIds();
    const texts = Array.from({ length: count }, () => ids.ksuid("payment", "world-1", start));
    expect(new Set(texts).size).toBe(count);
    const seconds = numberFrom(start, Buffer.alloc(16)) >> 128n;
    for (const text of texts) expect([isKsuid(text), numberOf(text) >> 128n]).toEqual([true, seconds]);
  });

  test("are different tokens, also between KSUIDs", () => {
    const ids = randomIds();
    const texts = Array.from({ length: count }, () => {
      ids.ksuid("payment", "world-1", start);
      return ids.token("page", "world-1");
    });
    expect(new Set(texts).size).toBe(count);
    for (const text of texts) expect(text).toMatch(/^[\w-]{24}$/);
  });

  test("of two generators are different", () => {
    expect(randomIds().token("page", "world-1")).not.toBe(randomIds().token("page", "world-1"));
  });
});
