/** Maximum number of names. Further statements are sent without one: each name uses memory in every connection. */
const namesMax = 500;
/** Maximum number of values of a statement with a name: longer ones are rarely sent twice. */
const valuesMax = 40;
/** Maximum length of a prefix. PostgreSQL ignores what follows the first 63 bytes of a name. */
const prefixMax = 40;

/** The names of prepared statements. The database parses and plans a statement with a name once a connection. */
export class StatementNames {
  readonly #prefix: string;
  readonly #names = new Map<string, string>();
  #isOff = false;

  /** @param prefix is unique among all processes: a pooler may give one connection of the database to several. */
  constructor(prefix: string) {
    this.#prefix = prefix.slice(0, prefixMax);
  }

  /** @returns the name of a statement, or `undefined` if it has none. */
  of(text: string, values: readonly unknown[]): string | undefined {
    if (this.#isOff || values.length === 0 || values.length > valuesMax) return undefined;
    const known = this.#names.get(text);
    if (known !== undefined || this.#names.size >= namesMax) return known;
    const name = `${this.#prefix} ${this.#names.size}`;
    this.#names.set(text, name);
    return name;
  }

  /** Ends the use of names, for a pooler that does not support them. */
  turnOff(): void {
    this.#isOff = true;
  }
}
