import { expect, test } from "vitest";
import { Slots } from "../../src/platform/slots.ts";
import { gate } from "../support/receiver.ts";

const never = new AbortController().signal;

test("so many works with a key go on at once, in order; those with another key do not wait for them", async () => {
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

test("a work that fails frees its slot, and who waits for it is told", async () => {
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

test("a signal ends the wait at once, and not the work that has begun", async () => {
  const slots = new Slots(1);
  const cut = new AbortController();
  const held = gate();
  const began: string[] = [];
  const works = ["first", "second"].map((name) =>
    slots.run("one", cut.signal, async () => {
      began.push(name);
      await held.opened;
      return name;
    }),
  );
  const other = slots.run("one", never, async () => began.push("third"));
  await slots.run("other", never, async () => undefined);
  cut.abort();
  expect(await works[1]).toBeUndefined();
  expect(await slots.run("one", cut.signal, async () => "never")).toBeUndefined();
  held.open();
  expect(await works[0]).toBe("first");
  await other;
  expect(began).toEqual(["first", "third"]);
});

test("a key that nobody uses is forgotten, however its works ended", async () => {
  const slots = new Slots(1);
  const cut = new AbortController();
  const held = gate();
  const works = [
    slots.run("one", never, () => held.opened),
    slots.run("one", cut.signal, async () => undefined),
    slots.run("two", never, () => Promise.reject(new Error("broken"))).catch(() => undefined),
    slots.run("three", never, async () => undefined),
  ];
  expect(slots.size).toBe(3);
  cut.abort();
  await Promise.all(works.slice(1));
  expect(slots.size).toBe(1);
  held.open();
  await Promise.all(works);
  // The wait that was cut leaves the queue when its turn comes.
  await slots.run("one", never, async () => undefined);
  expect(slots.size).toBe(0);
});
