import {
  type KeptRequest,
  type LoggedRequest,
  requestSize,
  requestsMax,
  requestsMaxBytes,
} from "../../domain/logged-request.ts";
import type { Change, RequestOfWorld, RequestTable } from "../store.ts";
import { type Statements, UnansweredCommitError } from "./statements.ts";
import { decodeRecord, encodeRecord, encodeText } from "./text.ts";

interface Row {
  readonly request: LoggedRequest;
  /** A 64-bit number: the driver returns it as text. */
  readonly sequence: string;
}

/** Runs statements in one READ COMMITTED transaction. */
export type RunStatements = <T>(work: (statements: Statements) => Promise<T>) => Promise<T>;

/** Stores request logs in the database. */
export class PostgresRequests implements RequestTable {
  readonly #schema: string;
  readonly #run: RunStatements;
  readonly #notify: (changes: readonly Change[]) => Promise<void>;

  constructor(schema: string, run: RunStatements, notify: (changes: readonly Change[]) => Promise<void>) {
    this.#schema = schema;
    this.#run = run;
    this.#notify = notify;
  }

  async append(requests: readonly RequestOfWorld[]): Promise<void> {
    const worlds = new Map<string, RequestOfWorld[]>();
    for (const request of requests) {
      const { processingAccountId } = request;
      worlds.set(processingAccountId, [...(worlds.get(processingAccountId) ?? []), request]);
    }
    let changes: Change[] = [];
    const appended = this.#run(async (statements) => {
      changes = [];
      // Every replica uses the same order, so that they do not deadlock.
      for (const [world, added] of [...worlds].sort(([a], [b]) => (a < b ? -1 : 1))) {
        const sequences = await this.#appendTo(statements, encodeText(world), added);
        for (const key of sequences) changes.push({ kind: "request", key, processingAccountId: world });
      }
    });
    await appended.catch((error: unknown) => {
      // The commit may have succeeded. Losing a request is better than counting it twice.
      if (!(error instanceof UnansweredCommitError)) throw error;
    });
    await this.#notify(changes);
  }

  async page(
    processingAccountId: string,
    { limit = requestsMax, before = Number.MAX_SAFE_INTEGER }: Parameters<RequestTable["page"]>[1] = {},
  ): Promise<KeptRequest[]> {
    return this.#read("world = $1 AND sequence < $2 ORDER BY sequence DESC LIMIT $3", [
      encodeText(processingAccountId),
      before,
      limit,
    ]);
  }

  about(processingAccountId: string, paymentId: string): Promise<KeptRequest[]> {
    const values = [encodeText(processingAccountId), encodeText(paymentId)];
    return this.#read("world = $1 AND payment = $2 ORDER BY sequence", values);
  }

  async forget(processingAccountId?: string): Promise<void> {
    const [condition, values] =
      processingAccountId === undefined ? ["", []] : ["WHERE world = $1", [encodeText(processingAccountId)]];
    await this.#run(async (statements) => {
      // Waits for concurrent appends, even if the log of the world has no row yet.
      await statements.query(`LOCK TABLE "${this.#schema}".request_log IN SHARE ROW EXCLUSIVE MODE`);
      await statements.query(`DELETE FROM "${this.#schema}".request_log ${condition}`, values);
      await statements.query(`DELETE FROM "${this.#schema}".request ${condition}`, values);
    });
  }

  /** @returns the sequences of the appended requests. */
  async #appendTo(statements: Statements, world: string, given: readonly RequestOfWorld[]): Promise<string[]> {
    // Locks the row: a reset forgets the log after it restarts the world, and waits for this transaction.
    await statements.query(
      `INSERT INTO "${this.#schema}".request_log AS log (world, last) VALUES ($1, 0)
       ON CONFLICT (world) DO UPDATE SET last = log.last`,
      [world],
    );
    const [row] = await statements.query<{ start: string }>(
      `SELECT record->>'startTime' AS start FROM "${this.#schema}".world WHERE key = $1`,
      [world],
    );
    const start = row && Number(row.start);
    const added = given
      .filter(({ startTime }) => startTime === undefined || startTime === start)
      .map(({ request }) => request);
    if (added.length === 0) {
      await statements.query(`DELETE FROM "${this.#schema}".request_log WHERE world = $1 AND last = 0`, [world]);
      return [];
    }
    const rows = await statements.query<{ sequence: string }>(
      `WITH log AS (UPDATE "${this.#schema}".request_log SET last = last + $2 WHERE world = $1 RETURNING last)
       INSERT INTO "${this.#schema}".request (world, sequence, payment, bytes, request)
       SELECT $1, last - $2 + place, payment, bytes, request
       FROM log, unnest($3::text[], $4::bigint[], $5::jsonb[]) WITH ORDINALITY AS given (payment, bytes, request, place)
       RETURNING sequence`,
      [
        world,
        added.length,
        added.map(({ paymentId }) => (paymentId === undefined ? null : encodeText(paymentId))),
        added.map(requestSize),
        added.map((request) => encodeRecord("request", request)),
      ],
    );
    const sequences = rows.map(({ sequence }) => sequence);
    await statements.query(
      `DELETE FROM "${this.#schema}".request WHERE world = $1 AND (sequence <= $2 OR sequence <= (
         SELECT max(sequence) FROM (
           SELECT sequence, sum(bytes) OVER (ORDER BY sequence DESC) AS total
           FROM "${this.#schema}".request WHERE world = $1
         ) AS sizes WHERE total > $3))`,
      [world, Number(sequences.at(-1)) - requestsMax, requestsMaxBytes],
    );
    return sequences;
  }

  async #read(condition: string, values: readonly unknown[]): Promise<KeptRequest[]> {
    const text = `SELECT request, sequence FROM "${this.#schema}".request WHERE ${condition}`;
    const rows = await this.#run((statements) => statements.query<Row>(text, values));
    return rows.map(({ request, sequence }) => ({
      ...(decodeRecord("request", request) as LoggedRequest),
      sequence: Number(sequence),
    }));
  }
}
