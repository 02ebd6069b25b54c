/**
 * Makes frozen copies of records. A part that is such a copy already is shared: to save a notification with one more
 * attempt does not copy the earlier attempts.
 */
export class FrozenCopies {
  readonly #made = new WeakSet<object>();

  /** Returns a deeply frozen copy of a value that consists of plain objects, arrays and primitive values. */
  of<T>(value: T): T {
    if (typeof value !== "object" || value === null || this.#made.has(value)) return value;
    const copy: object = Array.isArray(value)
      ? value.map((item) => this.of(item))
      : Object.fromEntries(Object.entries(value).map(([name, member]) => [name, this.of(member)]));
    this.#made.add(Object.freeze(copy));
    return copy as T;
  }
}
