import { describe, expect, test } from "vitest";
import { firstKsuidTime, isKsuid, lastKsuidTime } from "../../src/domain/ksuid.ts";

const alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

function base62(value: bigint): string {
  let text = "";
  for (let rest = value; rest > 0n; rest /= 62n) text = `${alphabet[Number(rest % 62n)]}${text}`;
  return text.padStart(27, "0");
}

const overflow = 2n ** 160n;

describe("a KSUID", () => {
  test.each([
    ["20 bytes of zero", base62(0n)],
    ["20 bytes of 0xff", base62(overflow - 1n)],
    ["one below 20 bytes of 0xff", base62(overflow - 2n)],
    ["an id from the KSUID documentation", "0ujtsYcgvSTl8PAuAdqWYSMnLOv"],
    ["a smaller first character than the limit, with greater ones after it", `9${"z".repeat(26)}`],
  ])("can be %s", (_what, text) => {
    expect(isKsuid(text)).toBe(true);
  });

  test.each([
    ["an empty text", ""],
    ["26 characters", base62(0n).slice(1)],
    ["28 characters", `0${base62(0n)}`],
    ["one above 20 bytes of 0xff", base62(overflow)],
    ["two above 20 bytes of 0xff", base62(overflow + 1n)],
    ["the greatest 27 characters", "z".repeat(27)],
    ["greater than the limit in the first character only", `b${"0".repeat(26)}`],
    ["a hyphen among its characters", "0ujtsYcgvSTl8PAuAdqWYSMnLO-"],
    ["an underscore among its characters", "0ujtsYcgvSTl8PAuAdqWYSMnLO_"],
    ["a letter beyond ASCII", "0ujtsYcgvSTl8PAuAdqWYSMnLOé"],
    ["a leading blank", ` ${base62(0n).slice(1)}`],
    ["a trailing line end", `${base62(0n)}\n`],
    ["a UUID", "123e4567-e89b-12d3-a456-426614174000"],
  ])("cannot be %s", (_what, text) => {
    expect(isKsuid(text)).toBe(false);
  });

  test("carries instants from May 2014 to June 2150", () => {
    const instants = [firstKsuidTime, lastKsuidTime].map((time) => new Date(time).toISOString());
    expect(instants).toEqual(["2014-05-13T16:53:20.000Z", "2150-06-19T23:21:35.000Z"]);
  });
});
