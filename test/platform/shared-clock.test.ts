import { describe, expect, test } from "vitest";
import { SharedClock } from "../../src/platform/shared-clock.ts";
import { manualClock } from "../support/manual-clock.ts";
import { gate } from "../support/receiver.ts";

const minuteMs = 60_000;

/** A machine's clock, and a shared clock `aheadMs` ahead. Each way to it and back takes the next of `waysMs`. */
function clocks(aheadMs: number, waysMs: number[] = []) {
  const machine = manualClock();
  const shared = { aheadMs, isGone: false };
  const ask = async () => {
    if (shared.isGone) throw new Error("nobody answers");
    const [thereMs = 0, backMs = thereMs] = [waysMs.shift(), waysMs.shift()];
    machine.time += thereMs;
    const answer = machine.time + shared.aheadMs;
    machine.time += backMs;
    return answer;
  };
  return { machine, shared, ask };
}

describe("the clock that replicas share", () => {
  test.each([
    ["ahead", 90_000],
    ["behind", -90_000],
    ["equal", 0],
  ])("shows the shared time when that is %s", async (_how, aheadMs) => {
    const { machine, ask } = clocks(aheadMs);
    const clock = await SharedClock.of(machine, ask);
    expect(clock.now()).toBe(machine.time + aheadMs);
    machine.time += 1234;
    expect(clock.now()).toBe(machine.time + aheadMs);
  });

  test("subtracts half of the round trip and uses the fastest answer", async () => {
    const { machine, ask } = clocks(5_000, [300, 10, 20, 20, 10, 500]);
    const clock = await SharedClock.of(machine, ask);
    expect(clock.now()).toBe(machine.time + 5_000);
  });

  test("is measured again exactly each minute", async () => {
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
    ["half a second is not used", 250, 1_000],
    ["less than half a second is used", 249, 4_000],
  ])("an answer that took %s", async (_what, wayMs, aheadMs) => {
    const waysMs: number[] = [];
    const { machine, shared, ask } = clocks(1_000, waysMs);
    const clock = await SharedClock.of(machine, ask);
    shared.aheadMs = 4_000;
    waysMs.push(...[1, 2, 3].flatMap(() => [wayMs, wayMs]));
    await machine.pass(minuteMs);
    expect(clock.now()).toBe(machine.time + aheadMs);
  });

  test("stops instead of going back a little, until it is correct again", async () => {
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

  test("goes back if the shared clock was corrected by a large amount", async () => {
    const { machine, shared, ask } = clocks(3_600_000);
    const clock = await SharedClock.of(machine, ask);
    clock.now();
    shared.aheadMs = 0;
    await machine.pass(minuteMs);
    expect(clock.now()).toBe(machine.time);
  });

  test("uses the last difference without an answer, and asks again", async () => {
    const { machine, shared, ask } = clocks(2_000);
    const clock = await SharedClock.of(machine, ask);
    shared.isGone = true;
    await machine.pass(minuteMs);
    expect(clock.now()).toBe(machine.time + 2_000);
    Object.assign(shared, { isGone: false, aheadMs: 3_000 });
    await machine.pass(minuteMs);
    expect(clock.now()).toBe(machine.time + 3_000);
  });

  test("cannot be created without an answer", async () => {
    const { machine, shared, ask } = clocks(0);
    shared.isGone = true;
    await expect(SharedClock.of(machine, ask)).rejects.toThrow("nobody answers");
  });

  test.each([7_000, -7_000])("does not change when the machine's clock is set by %i ms", async (setMs) => {
    const { machine, ask } = clocks(2_000);
    const clock = await SharedClock.of(machine, ask);
    const shown = clock.now();
    machine.setMs = setMs;
    expect(clock.now()).toBe(shown);
    await machine.pass(1_000);
    expect(clock.now()).toBe(shown + 1_000);
  });

  test("is measured again immediately after the machine has slept", async () => {
    const { machine, shared, ask } = clocks(2_000);
    const clock = await SharedClock.of(machine, ask);
    // The steady clock stops during sleep.
    machine.setMs = 3_600_000;
    shared.aheadMs += 3_600_000;
    clock.now();
    await machine.pass(0);
    expect(clock.now()).toBe(machine.time + 3_602_000);
  });

  test("is measured again each second if there was no answer after the machine has slept", async () => {
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

  test("ignores an answer if the machine slept during it", async () => {
    const { machine, shared, ask } = clocks(2_000);
    let sleepMs = 0;
    const clock = await SharedClock.of(machine, async () => {
      const answer = await ask();
      machine.setMs += sleepMs;
      shared.aheadMs += sleepMs;
      sleepMs = 0;
      return answer;
    });
    sleepMs = 3_600_000;
    await machine.pass(minuteMs);
    expect(clock.now()).toBe(machine.time + 3_602_000);
  });

  test("asks only once while the machine's clocks differ and there is no answer", async () => {
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

  test("does not ask after it is stopped, also during a measurement", async () => {
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
