import sortedBTree from "sorted-btree";
import type { Task } from "../../domain/task.ts";
import type { Row } from "./rows.ts";

// A CommonJS module that names its class `default`: Node imports the module, Bun and Vite import the class.
const BTree = "default" in sortedBTree ? sortedBTree.default : sortedBTree;

type Tree = InstanceType<typeof BTree<Row, undefined>>;

/** The tasks without a lease, by world, in the order of their due times, then of their sequences. */
export class DueOrder {
  readonly #worlds = new Map<string, Tree>();

  /** Adds the row of a task, unless the task has a lease. */
  add(row: Row): void {
    const task = row.record as Task;
    if (task.lease !== undefined) return;
    const tree = this.#worlds.get(task.processingAccountId) ?? new BTree<Row, undefined>(undefined, compareRows);
    tree.set(row, undefined);
    this.#worlds.set(task.processingAccountId, tree);
  }

  /** Removes the row of a task, which has not changed since it was added. */
  remove(row: Row): void {
    const task = row.record as Task;
    if (task.lease !== undefined) return;
    const tree = this.#worlds.get(task.processingAccountId);
    tree?.delete(row);
    if (tree?.size === 0) this.#worlds.delete(task.processingAccountId);
  }

  /** Returns the worlds with tasks. */
  worlds(): Iterable<string> {
    return this.#worlds.keys();
  }

  /** Returns the first task. */
  first(processingAccountId: string): Task | undefined {
    return this.#worlds.get(processingAccountId)?.minKey()?.record as Task | undefined;
  }
}

function compareRows(a: Row, b: Row): number {
  return (a.record as Task).dueTime - (b.record as Task).dueTime || a.sequence - b.sequence;
}
