import { expect, test } from "vitest";
import { Slots } from "../../src/platform/slots.ts";
import { gate } from "../support/receiver.ts";

const never = new AbortController().signal;

test("runs the maximum number of jobs for a key in order, and other keys do not wait", async () => {
  const slots = new Slots(2);
  const gates = Array.from({ length: 4 }, gate);
  const began: number[] = [];
  const all = gates.map(({ opened }, index) =>
    slots.run("one", never, async () => {
      began.push(index);
      await opened;
      return index;
    }),
  );
  await slots.run("other", never, async () => began.push(100));
  expect(began).toEqual([0, 1, 100]);
  gates[1]?.open();
  expect(await all[1]).toBe(1);
  await slots.run("other", never, async () => undefined);
  expect(began).toEqual([0, 1, 100, 2]);
  for (const { open } of gates) open();
  expect(await Promise.all(all)).toEqual([0, 1, 2, 3]);
});

test("a failed job releases its slot and rejects its promise", async () => {
  const slots = new Slots(1);
  const failed = slots.run("one", never, () => Promise.reject(new Error("the shop is broken")));
  const thrown = slots.run("one", never, () => {
    throw new Error("so is the other");
  });
  const next = slots.run("one", never, async () => "fine");
  await expect(failed).rejects.toThrow("the shop is broken");
  await expect(thrown).rejects.toThrow("so is the other");
  expect(await next).toBe("fine");
});

test("a signal ends a wait immediately but not a running job", async () => {
  const slots = new Slots(1);
  const cut = new AbortController();
  const held = gate();
  const began: string[] = [];
  const jobs = ["first", "second"].map((name) =>
    slots.run("one", cut.signal, async () => {
      began.push(name);
      await held.opened;
      return name;
    }),
  );
  const other = slots.run("one", never, async () => began.push("third"));
  await slots.run("other", never, async () => undefined);
  cut.abort();
  expect(await jobs[1]).toBeUndefined();
  expect(await slots.run("one", cut.signal, async () => "never")).toBeUndefined();
  held.open();
  expect(await jobs[0]).toBe("first");
  await other;
  expect(began).toEqual(["first", "third"]);
});

test("an unused key is removed after its jobs ended in any way", async () => {
  const slots = new Slots(1);
  const cut = new AbortController();
  const held = gate();
  const jobs = [
    slots.run("one", never, () => held.opened),
    slots.run("one", cut.signal, async () => undefined),
    slots.run("two", never, () => Promise.reject(new Error("broken"))).catch(() => undefined),
    slots.run("three", never, async () => undefined),
  ];
  expect(slots.size).toBe(3);
  cut.abort();
  await Promise.all(jobs.slice(1));
  expect(slots.size).toBe(1);
  held.open();
  await Promise.all(jobs);
  // An aborted wait leaves the queue when it gets its slot.
  await slots.run("one", never, async () => undefined);
  expect(slots.size).toBe(0);
});
