import pg from "pg";
import { rateOf } from "../../scripts/measuring.ts";
import { type Row, renewed } from "./rows.ts";

/**
 * Writes rows as fast as the driver can: prepared statements, and a serializable transaction for each payment that is
 * sent without waiting for the answers in between.
 */
export class BareDriver {
  readonly #pool: InstanceType<typeof pg.Pool>;
  readonly #schema: string;
  #sequence = 0;

  constructor(url: string, schema: string, connections: number) {
    this.#pool = new pg.Pool({ connectionString: url, max: connections, pipeline: true });
    // A connection that breaks while it is idle is replaced when the next one is needed.
    this.#pool.on("error", () => undefined);
    this.#schema = schema;
  }

  /** @returns payments a second. The rows of each payment are prepared before the time is taken. */
  rate(payments: number, atOnce: number, rows: readonly Row[], kept: ReadonlySet<string>): Promise<number> {
    const prepared = Array.from({ length: payments }, () => {
      this.#sequence += 1;
      return renewed(rows, kept, this.#sequence);
    });
    return rateOf(payments, atOnce, (index) => this.#write(prepared[index - 1] ?? []));
  }

  close(): Promise<void> {
    return this.#pool.end();
  }

  async #write(rows: readonly Row[]): Promise<void> {
    const client = await this.#pool.connect();
    try {
      await Promise.all([
        client.query("BEGIN ISOLATION LEVEL SERIALIZABLE"),
        ...rows.map((row) => client.query({ name: row.table, text: this.#insert(row), values: [...row.values] })),
        client.query("COMMIT"),
      ]);
    } finally {
      client.release();
    }
  }

  #insert({ table, columns }: Row): string {
    const places = columns.map((_, index) => `$${index + 1}`).join(", ");
    return `INSERT INTO "${this.#schema}"."${table}" (${columns.join(", ")}) VALUES (${places})`;
  }
}
