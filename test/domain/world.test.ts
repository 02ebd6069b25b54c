import { describe, expect, test } from "vitest";
import { moveClock, type WorldClock, worldTime } from "../../src/domain/world.ts";
import { start } from "../support/records.ts";

const day = 86_400_000;
const frozen: WorldClock = { mode: "frozen", time: start };
const running: WorldClock = { mode: "running", shiftMs: 0 };

describe("a world's clock", () => {
  test.each([
    ["running shows real time", { clock: running, realTime: start + 5, shows: start + 5 }],
    ["running ahead is ahead", { clock: { mode: "running", shiftMs: day }, realTime: start, shows: start + day }],
    ["running behind is behind", { clock: { mode: "running", shiftMs: -day }, realTime: start, shows: start - day }],
    ["frozen stands still", { clock: frozen, realTime: start + day, shows: start }],
  ] as const)("%s", (_what, { clock, realTime, shows }) => {
    expect(worldTime(clock, realTime)).toBe(shows);
  });

  test.each([
    ["a running clock goes on from there", { clock: running, later: start + day + 7 }],
    ["a clock ahead goes on from there", { clock: { mode: "running", shiftMs: 99 }, later: start + day + 7 }],
    ["a frozen clock stands there", { clock: frozen, later: start + day }],
  ] as const)("when moved, %s", (_what, { clock, later }) => {
    const realTime = start + 1_000;
    const moved = moveClock(clock, start + day, realTime);
    expect(moved.mode).toBe(clock.mode);
    expect(worldTime(moved, realTime)).toBe(start + day);
    expect(worldTime(moved, realTime + 7)).toBe(later);
  });
});
