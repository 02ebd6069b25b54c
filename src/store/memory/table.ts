import { type Row, Rows, Steps } from "./rows.ts";

/** The indexed members of a record or of a lookup. */
export type Members = Readonly<Record<string, string | undefined>>;

/** The rows with one value of the indexed members. */
type Group = Row | Rows;

/** The groups by the value of the last member, inside the levels of the members before it. */
type Level = Map<string, Level | Group>;

/** The rows of a table by the values of some members. */
class Index {
  readonly #members: readonly string[];
  readonly #steps: Steps;
  readonly #groups: Level = new Map();

  constructor(members: readonly string[], steps: Steps) {
    this.#members = members;
    this.#steps = steps;
  }

  /** Whether a record has all members. Only then it is in the index. */
  holds(record: Members): boolean {
    for (const member of this.#members) if (record[member] === undefined) return false;
    return true;
  }

  /** Adds the row of a record. */
  add(row: Row, record: Members): void {
    if (this.holds(record)) this.#addTo(this.#groups, 0, row, record);
  }

  /** Removes the row of a record. */
  remove(row: Row, record: Members): void {
    if (this.holds(record)) this.#removeFrom(this.#groups, 0, row, record);
  }

  /** Moves the row of a record that was replaced. */
  move(row: Row, before: Members, after: Members): void {
    if (hasSame(this.#members, before, after)) return;
    this.remove(row, before);
    this.add(row, after);
  }

  /** Returns at most `limit` rows with these members after a sequence, in ascending order. */
  ascending(by: Members, after: number, limit: number): readonly Row[] {
    const group = this.#group(by);
    if (group instanceof Rows) return group.ascending(after, limit);
    return group !== undefined && group.sequence > after && limit > 0 ? [group] : [];
  }

  /** Returns at most `limit` rows with these members before a sequence, in descending order. */
  descending(by: Members, before: number, limit: number): readonly Row[] {
    const group = this.#group(by);
    if (group instanceof Rows) return group.descending(before, limit);
    return group !== undefined && group.sequence < before && limit > 0 ? [group] : [];
  }

  /** Returns the number of rows with these members. */
  count(by: Members): number {
    const group = this.#group(by);
    if (group instanceof Rows) return group.size;
    return group === undefined ? 0 : 1;
  }

  /** Returns the numbers of rows by the value of the last member. @param by the other members. */
  counts(by: Members): Map<string, number> {
    const level = this.#under(by, this.#members.slice(0, -1)) as Level | undefined;
    const counts = new Map<string, number>();
    for (const [value, group] of level ?? []) {
      this.#steps.count += 1;
      counts.set(value, group instanceof Rows ? group.size : 1);
    }
    return counts;
  }

  #group(by: Members): Group | undefined {
    return this.#under(by, this.#members) as Group | undefined;
  }

  /** Returns what is under the values of the first members. */
  #under(by: Members, members: readonly string[]): Level | Group | undefined {
    let found: Level | Group | undefined = this.#groups;
    for (const member of members) {
      this.#steps.count += 1;
      found = (found as Level | undefined)?.get(by[member] as string);
    }
    return found;
  }

  #addTo(level: Level, depth: number, row: Row, record: Members): void {
    this.#steps.count += 1;
    const value = record[this.#members[depth] as string] as string;
    const found = level.get(value);
    if (depth < this.#members.length - 1) {
      const inner = (found as Level | undefined) ?? new Map();
      if (found === undefined) level.set(value, inner);
      this.#addTo(inner, depth + 1, row, record);
    } else if (found instanceof Rows) found.insert(row);
    else level.set(value, found === undefined ? row : new Rows([found as Row, row], this.#steps));
  }

  /** Removes the row, and the group and the levels that are empty then. */
  #removeFrom(level: Level, depth: number, row: Row, record: Members): void {
    this.#steps.count += 1;
    const value = record[this.#members[depth] as string] as string;
    const found = level.get(value);
    if (depth < this.#members.length - 1) {
      const inner = found as Level;
      this.#removeFrom(inner, depth + 1, row, record);
      if (inner.size === 0) level.delete(value);
    } else if (found instanceof Rows) {
      found.remove(row);
      if (found.only !== undefined) level.set(value, found.only);
    } else level.delete(value);
  }
}

/** The records of one kind, by key and by index. A record keeps its sequence until it is removed. */
export class Table {
  /** The steps of its indexes. */
  readonly steps = new Steps();
  readonly #rows = new Map<string, Row>();
  readonly #indexes: ReadonlyMap<string, Index>;
  readonly #members: readonly string[];
  #sequence = 0;

  constructor(indexes: readonly (readonly string[])[]) {
    this.#indexes = new Map(indexes.map((members) => [indexName(members), new Index(members, this.steps)]));
    this.#members = [...new Set(indexes.flat())];
  }

  get(key: string): Row | undefined {
    this.steps.count += 1;
    return this.#rows.get(key);
  }

  keys(): string[] {
    return [...this.#rows.keys()];
  }

  /** Returns the index of exactly these members. */
  indexFor(by: object): Index {
    const index = this.#indexes.get(indexName(Object.keys(by)));
    if (index?.holds(by as Members) !== true) throw new TypeError(`no index of ${JSON.stringify(by)}`);
    return index;
  }

  /** Returns the numbers of records with those members by the value of one more member, the last one of an index. */
  countsIn(by: Members, member: string): Map<string, number> {
    return this.indexFor({ ...by, [member]: "" }).counts(by);
  }

  /** Adds a record. @param sequence the earlier sequence, for a rollback. */
  add(key: string, record: object, sequence = this.#sequence + 1): Row {
    const row: Row = { record, sequence };
    this.#sequence = Math.max(this.#sequence, sequence);
    this.#rows.set(key, row);
    for (const index of this.#indexes.values()) index.add(row, row.record as Members);
    return row;
  }

  replace(row: Row, record: object): Row {
    const before = row.record as Members;
    const after = record as Members;
    row.record = record;
    if (hasSame(this.#members, before, after)) return row;
    for (const index of this.#indexes.values()) index.move(row, before, after);
    return row;
  }

  remove(key: string, row: Row): void {
    this.#rows.delete(key);
    for (const index of this.#indexes.values()) index.remove(row, row.record as Members);
    // An empty table starts at 1 again, like a new one. A rollback restores the sequence.
    if (this.#rows.size === 0) this.#sequence = 0;
  }
}

function hasSame(members: readonly string[], record: Members, other: Members): boolean {
  for (const member of members) if (record[member] !== other[member]) return false;
  return true;
}

function indexName(members: readonly string[]): string {
  return members.length === 1 ? (members[0] as string) : members.toSorted().join(" ");
}
