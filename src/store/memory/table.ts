import type { SequencedRecord } from "../store.ts";
import { newTree, type Tree } from "./tree.ts";

/** The keys of records, ordered by the values of the indexed members, then by sequence. */
class Index {
  readonly #members: readonly string[];
  readonly #tree: Tree<[value: string, sequence: number]> = newTree();

  constructor(members: readonly string[]) {
    this.#members = members;
  }

  /** Returns the indexed value of a record, or `undefined` if it lacks one of the members. */
  valueOf(record: object | undefined): string | undefined {
    const values = this.#members.map((member) => (record as Record<string, unknown> | undefined)?.[member]);
    return values.includes(undefined) ? undefined : JSON.stringify(values);
  }

  move(key: string, sequence: number, from: string | undefined, to: string | undefined) {
    if (from === to) return;
    if (from !== undefined) this.#tree.delete([from, sequence]);
    if (to !== undefined) this.#tree.set([to, sequence], key);
  }

  /**
   * Calls `use` with at most `limit` keys after a sequence. It may remove the record of the key.
   * @returns the sequence of the last one, or `undefined` if no more keys follow.
   */
  ascending(value: string, after: number, limit: number, use: (key: string) => void): number | undefined {
    let last = after;
    for (let count = 0; count < limit; count += 1) {
      const pair = this.#tree.nextHigherPair([value, last]);
      if (pair === undefined || pair[0][0] !== value) return undefined;
      last = pair[0][1];
      use(pair[1]);
    }
    return last;
  }

  descending(value: string, before: number, limit: number): { key: string; sequence: number }[] {
    const found: { key: string; sequence: number }[] = [];
    let pair = this.#tree.nextLowerPair([value, before]);
    while (pair !== undefined && pair[0][0] === value && found.length < limit) {
      found.push({ key: pair[1], sequence: pair[0][1] });
      pair = this.#tree.nextLowerPair(pair[0]);
    }
    return found;
  }
}

/** The records of one kind, by key and by index. A record keeps its sequence until it is removed. */
export class Table {
  readonly #records = new Map<string, SequencedRecord<object>>();
  readonly #indexes: ReadonlyMap<string, Index>;
  #sequence = 0;

  constructor(indexes: readonly (readonly string[])[]) {
    this.#indexes = new Map(indexes.map((members) => [indexName(members), new Index(members)]));
  }

  get(key: string): SequencedRecord<object> | undefined {
    return this.#records.get(key);
  }

  keys(): string[] {
    return [...this.#records.keys()];
  }

  indexFor(by: object): { index: Index; value: string } {
    const index = this.#indexes.get(indexName(Object.keys(by)));
    const value = index?.valueOf(by);
    if (index === undefined || value === undefined) throw new TypeError(`no index of ${JSON.stringify(by)}`);
    return { index, value };
  }

  /** Saves the record, or removes the record with that key. @param sequence the earlier sequence, for a rollback. */
  set(key: string, record: object | undefined, sequence?: number) {
    const before = this.#records.get(key);
    const saved = sequence ?? before?.sequence ?? ++this.#sequence;
    for (const index of this.#indexes.values()) {
      index.move(key, saved, index.valueOf(before?.record), index.valueOf(record));
    }
    if (record === undefined) this.#records.delete(key);
    else this.#records.set(key, { record, sequence: saved });
    // An empty table starts at 1 again, like a new one. A rollback restores the sequence.
    this.#sequence = this.#records.size === 0 ? 0 : Math.max(this.#sequence, saved);
  }
}

function indexName(members: readonly string[]): string {
  return members.toSorted().join(" ");
}
