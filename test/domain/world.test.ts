import { describe, expect, test } from "vitest";
import { lastKsuidTime } from "../../src/domain/ksuid.ts";
import { checkClockTarget, moveClock, type WorldClock, worldTime } from "../../src/domain/world.ts";
import { start } from "../support/records.ts";

const day = 86_400_000;
const frozen: WorldClock = { mode: "frozen", time: start };
const running: WorldClock = { mode: "running", shiftMs: 0 };

describe("a world's clock", () => {
  test.each([
    ["a running clock shows real time", { clock: running, realTime: start + 5, shows: start + 5 }],
    [
      "a running clock can be ahead of real time",
      { clock: { mode: "running", shiftMs: day }, realTime: start, shows: start + day },
    ],
    [
      "a running clock can be behind real time",
      { clock: { mode: "running", shiftMs: -day }, realTime: start, shows: start - day },
    ],
    [
      "a running clock stops at the last instant of an id",
      { clock: running, realTime: lastKsuidTime + 1, shows: lastKsuidTime },
    ],
    [
      "a clock ahead stops earlier at that instant",
      { clock: { mode: "running", shiftMs: 7 * day }, realTime: lastKsuidTime - day, shows: lastKsuidTime },
    ],
    ["a frozen clock does not move", { clock: frozen, realTime: start + day, shows: start }],
  ] as const)("%s", (_what, { clock, realTime, shows }) => {
    expect(worldTime(clock, realTime)).toBe(shows);
  });

  test.each([
    ["a running clock continues from there", { clock: running, later: start + day + 7 }],
    ["a clock ahead continues from there", { clock: { mode: "running", shiftMs: 99 }, later: start + day + 7 }],
    ["a frozen clock stays there", { clock: frozen, later: start + day }],
  ] as const)("after a change, %s", (_what, { clock, later }) => {
    const realTime = start + 1_000;
    const moved = moveClock(clock, start + day, realTime);
    expect(moved.mode).toBe(clock.mode);
    expect(worldTime(moved, realTime)).toBe(start + day);
    expect(worldTime(moved, realTime + 7)).toBe(later);
  });
});

describe("the target of a clock change", () => {
  const back = (from: string) => `would take the clock back from ${from}.`;
  const past = "would take the clock past 2150-06-19T23:21:35.000Z.";

  test.each([
    ["the present time", { time: start, now: start }],
    ["a millisecond later", { time: start + 1, now: start }],
    ["years later", { time: start + 3_650 * day, now: start }],
    ["the last instant of an id", { time: lastKsuidTime, now: start }],
    ["the present time at the last instant", { time: lastKsuidTime, now: lastKsuidTime }],
  ])("can be %s", (_where, { time, now }) => {
    expect(checkClockTarget(time, now, "to")).toBeUndefined();
  });

  test.each([
    ["a millisecond earlier", { time: start - 1, now: start, complaint: back("2026-01-05T09:00:00.000Z") }],
    ["years earlier", { time: 0, now: start + 7, complaint: back("2026-01-05T09:00:00.007Z") }],
    [
      "earlier, from after the last instant",
      { time: lastKsuidTime, now: lastKsuidTime + 1, complaint: back("2150-06-19T23:21:35.001Z") },
    ],
    ["a millisecond after the last instant", { time: lastKsuidTime + 1, now: start, complaint: past }],
    ["after all dates", { time: Number.MAX_SAFE_INTEGER, now: start, complaint: past }],
  ])("cannot be %s", (_where, { time, now, complaint }) => {
    for (const member of ["to", "by"]) {
      expect(checkClockTarget(time, now, member)).toEqual({
        code: "invalid_request",
        errors: [{ path: member, code: "invalid_request", description: `${member} ${complaint}` }],
      });
    }
  });

  test("of a clock to freeze cannot be earlier: a new world can", () => {
    const refusal = checkClockTarget(start - 1, start, "at");
    const remedy = "to begin earlier, open a world with that clock by POST /_sandbox/worlds";
    const description = `at would take the clock back from 2026-01-05T09:00:00.000Z: ${remedy}.`;
    expect(refusal).toMatchObject({ errors: [{ path: "at", description }] });
  });
});
