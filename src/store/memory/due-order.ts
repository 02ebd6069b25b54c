import type { Task } from "../../domain/task.ts";
import { newTree, type Tree } from "./tree.ts";

/** The tasks without a lease, by world, in the order of their due times. */
export class DueOrder {
  readonly #worlds = new Map<string, Tree<[number, number]>>();

  add(task: Task, sequence: number) {
    const tree = this.#worlds.get(task.processingAccountId) ?? newTree<[number, number]>();
    tree.set([task.dueTime, sequence], task.id);
    this.#worlds.set(task.processingAccountId, tree);
  }

  remove(task: Task, sequence: number) {
    const tree = this.#worlds.get(task.processingAccountId);
    tree?.delete([task.dueTime, sequence]);
    if (tree?.size === 0) this.#worlds.delete(task.processingAccountId);
  }

  /** Returns the worlds with tasks. */
  worlds(): Iterable<string> {
    return this.#worlds.keys();
  }

  /** Returns the id of the first task. */
  first(processingAccountId: string): string | undefined {
    const tree = this.#worlds.get(processingAccountId);
    const key = tree?.minKey();
    return key === undefined ? undefined : tree?.get(key);
  }
}
