import { describe, expect, test } from "vitest";
import { SharedClock } from "../../src/platform/shared-clock.ts";
import { manualClock } from "../support/manual-clock.ts";
import { gate } from "../support/receiver.ts";

const minuteMs = 60_000;

/** A machine's own clock, and a shared one that goes `aheadMs` before it; a way to it or back takes the next of `waysMs`. */
function clocks(aheadMs: number, waysMs: number[] = []) {
  const machine = manualClock();
  const shared = { aheadMs, isGone: false };
  const ask = async () => {
    if (shared.isGone) throw new Error("nobody answers");
    const [thereMs = 0, backMs = thereMs] = [waysMs.shift(), waysMs.shift()];
    machine.time += thereMs;
    const told = machine.time + shared.aheadMs;
    machine.time += backMs;
    return told;
  };
  return { machine, shared, ask };
}

describe("the clock that replicas share", () => {
  test.each([
    ["ahead", 90_000],
    ["behind", -90_000],
    ["with it", 0],
  ])("shows the shared time where that is %s", async (_how, aheadMs) => {
    const { machine, ask } = clocks(aheadMs);
    const clock = await SharedClock.of(machine, ask);
    expect(clock.now()).toBe(machine.time + aheadMs);
    machine.time += 1234;
    expect(clock.now()).toBe(machine.time + aheadMs);
  });

  test("takes half of the way off, and believes the quickest answer", async () => {
    const { machine, ask } = clocks(5_000, [300, 10, 20, 20, 10, 500]);
    const clock = await SharedClock.of(machine, ask);
    expect(clock.now()).toBe(machine.time + 5_000);
  });

  test("is measured again each minute, and not before", async () => {
    const { machine, shared, ask } = clocks(1_000);
    const clock = await SharedClock.of(machine, ask);
    shared.aheadMs = 4_000;
    await machine.pass(minuteMs - 1);
    expect(clock.now()).toBe(machine.time + 1_000);
    await machine.pass(1);
    expect(clock.now()).toBe(machine.time + 4_000);
    shared.aheadMs = 7_000;
    await machine.pass(minuteMs);
    expect(clock.now()).toBe(machine.time + 7_000);
  });

  test.each([
    ["half a second is not believed any more", 250, 1_000],
    ["less than that is", 249, 4_000],
  ])("an answer that took %s", async (_what, wayMs, aheadMs) => {
    const waysMs: number[] = [];
    const { machine, shared, ask } = clocks(1_000, waysMs);
    const clock = await SharedClock.of(machine, ask);
    shared.aheadMs = 4_000;
    waysMs.push(...[1, 2, 3].flatMap(() => [wayMs, wayMs]));
    await machine.pass(minuteMs);
    expect(clock.now()).toBe(machine.time + aheadMs);
  });

  test("stands still rather than go back a little, until the time has come up", async () => {
    const { machine, shared, ask } = clocks(3_000);
    const clock = await SharedClock.of(machine, ask);
    shared.aheadMs = 1_000;
    await machine.pass(minuteMs - 1);
    const shown = clock.now();
    await machine.pass(1);
    expect(clock.now()).toBe(shown);
    machine.time += 3_000;
    expect(clock.now()).toBe(machine.time + 1_000);
  });

  test("follows a clock that was put right by more than that", async () => {
    const { machine, shared, ask } = clocks(3_600_000);
    const clock = await SharedClock.of(machine, ask);
    clock.now();
    shared.aheadMs = 0;
    await machine.pass(minuteMs);
    expect(clock.now()).toBe(machine.time);
  });

  test("goes on by the last difference while nobody answers, and asks again", async () => {
    const { machine, shared, ask } = clocks(2_000);
    const clock = await SharedClock.of(machine, ask);
    shared.isGone = true;
    await machine.pass(minuteMs);
    expect(clock.now()).toBe(machine.time + 2_000);
    Object.assign(shared, { isGone: false, aheadMs: 3_000 });
    await machine.pass(minuteMs);
    expect(clock.now()).toBe(machine.time + 3_000);
  });

  test("is not there where nobody answers at the start", async () => {
    const { machine, shared, ask } = clocks(0);
    shared.isGone = true;
    await expect(SharedClock.of(machine, ask)).rejects.toThrow("nobody answers");
  });

  test.each([7_000, -7_000])("stays as it is where the machine's own clock is set by %i ms", async (setMs) => {
    const { machine, ask } = clocks(2_000);
    const clock = await SharedClock.of(machine, ask);
    const shown = clock.now();
    machine.setMs = setMs;
    expect(clock.now()).toBe(shown);
    await machine.pass(1_000);
    expect(clock.now()).toBe(shown + 1_000);
  });

  test("is measured again at once where the machine has slept", async () => {
    const { machine, shared, ask } = clocks(2_000);
    const clock = await SharedClock.of(machine, ask);
    // The steady clock stood still.
    machine.setMs = 3_600_000;
    shared.aheadMs += 3_600_000;
    clock.now();
    await machine.pass(0);
    expect(clock.now()).toBe(machine.time + 3_602_000);
  });

  test("is measured again each second, where nobody could tell after the machine has slept", async () => {
    const { machine, shared, ask } = clocks(2_000);
    const clock = await SharedClock.of(machine, ask);
    machine.setMs = 3_600_000;
    Object.assign(shared, { aheadMs: 3_602_000, isGone: true });
    clock.now();
    await machine.pass(2_500);
    shared.isGone = false;
    await machine.pass(1_000);
    expect(clock.now()).toBe(machine.time + 3_602_000);
  });

  test("is not measured by an answer that the machine slept through", async () => {
    const { machine, shared, ask } = clocks(2_000);
    let sleepMs = 0;
    const clock = await SharedClock.of(machine, async () => {
      const told = await ask();
      machine.setMs += sleepMs;
      shared.aheadMs += sleepMs;
      sleepMs = 0;
      return told;
    });
    sleepMs = 3_600_000;
    await machine.pass(minuteMs);
    expect(clock.now()).toBe(machine.time + 3_602_000);
  });

  test("is not measured for ever where the machine's clocks stay apart, and nobody answers", async () => {
    const { machine, shared, ask } = clocks(2_000);
    let asked = 0;
    const clock = await SharedClock.of(machine, () => {
      asked += 1;
      return ask();
    });
    shared.isGone = true;
    machine.setMs = 5_000;
    asked = 0;
    for (let count = 0; count < 10; count += 1) {
      clock.now();
      await machine.pass(10);
    }
    expect(asked).toBe(1);
  });

  test("asks no more once it is stopped, in the middle of a measurement too", async () => {
    const { machine, ask } = clocks(0);
    const [asked, held] = [gate(), gate()];
    let isHeld = false;
    const clock = await SharedClock.of(machine, async () => {
      if (isHeld) {
        asked.open();
        await held.opened;
      }
      return ask();
    });
    isHeld = true;
    await machine.pass(minuteMs);
    await asked.opened;
    clock.stop();
    held.open();
    await machine.pass(10 * minuteMs);
    expect(machine.waiting()).toBe(0);
  });
});
