import { describe, expect, test } from "vitest";
import type { Row } from "../../src/store/memory/rows.ts";
import { Rows, Steps } from "../../src/store/memory/rows.ts";
import { Table } from "../../src/store/memory/table.ts";
import { tables } from "../../src/store/store.ts";
import { payment } from "../support/records.ts";

const few = 1_000;
const many = 100_000;

function idOf(index: number): string {
  return `payment-${index}`;
}

function record(index: number, status: "pending" | "captured" = "pending") {
  const own = { trackId: `track-${index}`, pageToken: `page-${index}`, merchantReference: `order ${index}` };
  return payment({ id: idOf(index), status, ...own });
}

/** Returns a table with the given number of pending payments of one world. */
function tableOf(count: number): Table {
  const table = new Table(tables.payment.indexes);
  for (let index = 1; index <= count; index += 1) table.add(idOf(index), record(index));
  return table;
}

function rowOf(table: Table, index: number): Row {
  const row = table.get(idOf(index));
  if (row === undefined) throw new Error(`there is no payment ${index}`);
  return row;
}

/** Returns the number of index steps that the work takes. */
function stepsOf(table: Table, work: (table: Table) => void): number {
  const before = table.steps.count;
  work(table);
  return table.steps.count - before;
}

const inWorld = { processingAccountId: "world-1" };
const pending = { merchantId: "merchant-1", status: "pending" };

describe("the indexes in memory take as many steps for many records as for few", () => {
  const small = tableOf(few);
  const large = tableOf(many);

  test.each<[what: string, work: (table: Table) => void]>([
    ["a read", (table) => table.get(idOf(few))],
    ["a lookup", (table) => table.indexFor({ trackId: "track-9" }).ascending({ trackId: "track-9" }, 0, 500)],
    ["the newest page", (table) => table.indexFor(inWorld).descending(inWorld, Number.POSITIVE_INFINITY, 20)],
    ["the newest page of a status", (table) => table.indexFor(pending).descending(pending, 1e9, 20)],
    ["a count", (table) => table.indexFor(inWorld).count(inWorld)],
    ["the counts of the statuses", (table) => table.countsIn(inWorld, "status")],
    ["a first save", (table) => table.add("new", record(0))],
    ["a change without another status", (table) => table.replace(rowOf(table, 9), record(9))],
  ])("for %s", (_what, work) => {
    const steps = stepsOf(small, work);
    expect(steps).toBeGreaterThan(0);
    expect(Math.abs(stepsOf(large, work) - steps)).toBeLessThanOrEqual(Math.log2(many / few));
  });

  test.each<[what: string, work: (table: Table) => void]>([
    ["an older page", (table) => table.indexFor(inWorld).descending(inWorld, few / 2, 20)],
    ["a change of the status", (table) => table.replace(rowOf(table, 9), record(9, "captured"))],
    ["a removal", (table) => table.remove(idOf(10), rowOf(table, 10))],
  ])("but the logarithm, for %s", (_what, work) => {
    const lists = 8;
    const allowed = stepsOf(small, work) + lists * Math.ceil(Math.log2(many / few));
    expect(stepsOf(large, work)).toBeLessThanOrEqual(allowed);
  });

  test("for the oldest page of a status that most payments have left", () => {
    const table = tableOf(few);
    for (let index = 1; index <= few - 20; index += 1) table.replace(rowOf(table, index), record(index, "captured"));
    const found = table.indexFor(pending).ascending(pending, 0, 20);
    expect(found.map(({ sequence }) => sequence)).toEqual(Array.from({ length: 20 }, (_, index) => few - 19 + index));
    expect(stepsOf(table, () => table.indexFor(pending).ascending(pending, 0, 20))).toBeLessThan(40);
  });
});

describe("the rows of a group", () => {
  const count = 5_000;
  const row = (sequence: number): Row => ({ record: {}, sequence });
  /** All sequences in an order that is not theirs. */
  const shuffled = Array.from({ length: count }, (_, index) => ((index * 1_237) % count) + 1);
  const all = Array.from({ length: count }, (_, index) => index + 1);
  const sequences = (rows: readonly Row[]) => rows.map(({ sequence }) => sequence);

  function groupOf(order: readonly number[]): { rows: Rows; bySequence: Map<number, Row> } {
    const bySequence = new Map(order.map((sequence) => [sequence, row(sequence)]));
    const [first, second, ...others] = [...bySequence.values()];
    const rows = new Rows([first ?? row(0), second ?? row(0)], new Steps());
    for (const other of others) rows.insert(other);
    return { rows, bySequence };
  }

  test.each([
    ["in ascending order", all],
    ["in descending order", all.toReversed()],
    ["in any order", shuffled],
  ])("are ordered after insertions %s", (_what, order) => {
    const { rows } = groupOf(order);
    expect(sequences(rows.ascending(0, count))).toEqual(all);
    expect(sequences(rows.descending(count + 1, count))).toEqual(all.toReversed());
    expect(sequences(rows.ascending(2_499, 3))).toEqual([2_500, 2_501, 2_502]);
    expect(sequences(rows.descending(2_500, 3))).toEqual([2_499, 2_498, 2_497]);
  });

  test("are ordered while they are removed in any order", () => {
    const { rows, bySequence } = groupOf(all);
    const left = new Set(all);
    for (const [index, sequence] of shuffled.slice(0, -1).entries()) {
      rows.remove(bySequence.get(sequence) ?? row(0));
      left.delete(sequence);
      if (index % 500 !== 0 && left.size > 3) continue;
      expect(sequences(rows.ascending(0, count))).toEqual([...left]);
      expect(sequences(rows.descending(count + 1, count))).toEqual([...left].reverse());
    }
    expect(rows.only?.sequence).toBe(shuffled.at(-1));
  });

  test("refuse the removal of a row that is not among them", () => {
    const { rows } = groupOf(all);
    expect(() => rows.remove(row(7))).toThrow("the row 7 is not in its index");
  });
});
