import { describe, expect, test } from "vitest";
import type { RealClock } from "../../src/platform/clock.ts";
import { SharedClock } from "../../src/platform/shared-clock.ts";

const minuteMs = 60_000;

/** A machine's own clock and the shared one, which goes `aheadMs` before it; an answer takes the next of `waysMs`. */
function clocks(aheadMs: number, waysMs: number[] = []) {
  const machine = { time: 1_000_000, aheadMs, isGone: false };
  const timers: { at: number; callback: () => void }[] = [];
  const own: RealClock = {
    now: () => machine.time,
    after: (delayMs, callback) => {
      const timer = { at: machine.time + delayMs, callback };
      timers.push(timer);
      return () => void timers.splice(timers.indexOf(timer), 1);
    },
  };
  const ask = async () => {
    if (machine.isGone) throw new Error("nobody answers");
    const [thereMs = 0, backMs = thereMs] = [waysMs.shift(), waysMs.shift()];
    machine.time += thereMs;
    const told = machine.time + machine.aheadMs;
    machine.time += backMs;
    return told;
  };
  const pass = async (ms: number) => {
    machine.time += ms;
    for (const timer of timers.filter(({ at }) => at <= machine.time)) {
      timers.splice(timers.indexOf(timer), 1);
      timer.callback();
    }
    for (let turns = 0; turns < 20; turns += 1) await Promise.resolve();
  };
  return { machine, own, ask, pass, timers };
}

describe("the clock that replicas share", () => {
  test.each([
    ["ahead", 90_000],
    ["behind", -90_000],
    ["with it", 0],
  ])("shows the shared time where that is %s", async (_how, aheadMs) => {
    const { machine, own, ask } = clocks(aheadMs);
    const shared = await SharedClock.of(own, ask);
    expect(shared.now()).toBe(machine.time + aheadMs);
    machine.time += 1234;
    expect(shared.now()).toBe(machine.time + aheadMs);
  });

  test("takes half of the way off, and believes the quickest answer", async () => {
    const { machine, own, ask } = clocks(5_000, [300, 10, 20, 20, 10, 500]);
    const shared = await SharedClock.of(own, ask);
    expect(shared.now()).toBe(machine.time + 5_000);
  });

  test("is measured again each minute, and not before", async () => {
    const { machine, own, ask, pass } = clocks(1_000);
    const shared = await SharedClock.of(own, ask);
    machine.aheadMs = 4_000;
    await pass(minuteMs - 1);
    expect(shared.now()).toBe(machine.time + 1_000);
    await pass(1);
    expect(shared.now()).toBe(machine.time + 4_000);
    machine.aheadMs = 7_000;
    await pass(minuteMs);
    expect(shared.now()).toBe(machine.time + 7_000);
  });

  test("stands still rather than go back a little, until the time has come up", async () => {
    const { machine, own, ask, pass } = clocks(3_000);
    const shared = await SharedClock.of(own, ask);
    machine.aheadMs = 1_000;
    await pass(minuteMs - 1);
    const shown = shared.now();
    await pass(1);
    expect(shared.now()).toBe(shown);
    machine.time += 3_000;
    expect(shared.now()).toBe(machine.time + 1_000);
  });

  test("follows a clock that was put right by more than that", async () => {
    const { machine, own, ask, pass } = clocks(3_600_000);
    const shared = await SharedClock.of(own, ask);
    shared.now();
    machine.aheadMs = 0;
    await pass(minuteMs);
    expect(shared.now()).toBe(machine.time);
  });

  test("goes on by the last difference while nobody answers, and asks again", async () => {
    const { machine, own, ask, pass } = clocks(2_000);
    const shared = await SharedClock.of(own, ask);
    machine.isGone = true;
    await pass(minuteMs);
    expect(shared.now()).toBe(machine.time + 2_000);
    Object.assign(machine, { isGone: false, aheadMs: 3_000 });
    await pass(minuteMs);
    expect(shared.now()).toBe(machine.time + 3_000);
  });

  test("is not there where nobody answers at the start", async () => {
    const { machine, own, ask } = clocks(0);
    machine.isGone = true;
    await expect(SharedClock.of(own, ask)).rejects.toThrow("nobody answers");
  });

  test("asks no more once it is stopped", async () => {
    const { own, ask, timers } = clocks(0);
    const shared = await SharedClock.of(own, ask);
    expect(timers).toHaveLength(1);
    shared.stop();
    expect(timers).toHaveLength(0);
  });
});
