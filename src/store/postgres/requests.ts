import {
  type KeptRequest,
  type LoggedRequest,
  requestSize,
  requestsMax,
  requestsMaxBytes,
} from "../../domain/logged-request.ts";
import type { Change, RequestOfWorld, RequestTable } from "../store.ts";
import { type Statements, UnansweredCommitError } from "./statements.ts";
import { decodeRecord, decodeText, encodeRecord, encodeText } from "./text.ts";

interface Row {
  /** As JSON. */
  readonly request: string;
  /** A 64-bit number: the driver returns it as text. */
  readonly sequence: string;
}

interface AppendedRow {
  readonly world: string;
  readonly sequence: string;
}

/** Runs statements on one connection. */
export type RunStatements = <T>(work: (statements: Statements) => Promise<T>) => Promise<T>;

/** Stores request logs in the database. */
export class PostgresRequests implements RequestTable {
  readonly #schema: string;
  readonly #run: RunStatements;
  readonly #runOne: RunStatements;
  readonly #notify: (changes: readonly Change[]) => Promise<void>;

  /**
   * @param run runs statements in one READ COMMITTED transaction.
   * @param runOne runs one statement.
   */
  constructor(
    schema: string,
    run: RunStatements,
    runOne: RunStatements,
    notify: (changes: readonly Change[]) => Promise<void>,
  ) {
    this.#schema = schema;
    this.#run = run;
    this.#runOne = runOne;
    this.#notify = notify;
  }

  async append(requests: readonly RequestOfWorld[]): Promise<void> {
    let changes: Change[] = [];
    const appended = this.#run(async (statements) => {
      changes = [];
      await this.#append(statements, requests, (rows) => {
        changes = rows.map(({ world, sequence }) => {
          return { kind: "request", key: sequence, processingAccountId: decodeText(world) };
        });
      });
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

  /** Sends all statements without waiting in between: they leave together with the commit. */
  async #append(
    statements: Statements,
    requests: readonly RequestOfWorld[],
    onAppended: (rows: readonly AppendedRow[]) => void,
  ): Promise<void> {
    const tableOf = (name: string) => `"${this.#schema}".${name}`;
    // Every replica uses the same order, so that they do not deadlock.
    const worlds = [...new Set(requests.map(({ processingAccountId }) => encodeText(processingAccountId)))].sort();
    // Locks the rows: a reset forgets the log after it restarts the world, and waits for this transaction.
    await statements.write(
      `INSERT INTO ${tableOf("request_log")} AS log (world, last)
       SELECT world, 0 FROM unnest($1::text[]) AS given (world)
       ON CONFLICT (world) DO UPDATE SET last = log.last`,
      [worlds],
    );
    await statements.write<AppendedRow>(
      `WITH added AS (
         SELECT world, payment, bytes, request, row_number() OVER (PARTITION BY world ORDER BY place) AS place
         FROM unnest($1::text[], $2::numeric[], $3::text[], $4::bigint[], $5::jsonb[])
           WITH ORDINALITY AS given (world, start, payment, bytes, request, place)
         LEFT JOIN ${tableOf("world")} AS present ON present.key = world
         WHERE start IS NULL OR start = (present.record->>'startTime')::numeric
       ), log AS (
         UPDATE ${tableOf("request_log")} AS log SET last = last + count
         FROM (SELECT world, count(*) AS count FROM added GROUP BY world) AS counts WHERE log.world = counts.world
         RETURNING log.world, last - count AS before
       )
       INSERT INTO ${tableOf("request")} (world, sequence, payment, bytes, request)
       SELECT world, before + place, payment, bytes, request FROM added JOIN log USING (world) ORDER BY world, place
       RETURNING world, sequence`,
      [
        requests.map(({ processingAccountId }) => encodeText(processingAccountId)),
        requests.map(({ startTime }) => startTime ?? null),
        requests.map(({ request: { paymentId } }) => (paymentId === undefined ? null : encodeText(paymentId))),
        requests.map(({ request }) => requestSize(request)),
        requests.map(({ request }) => encodeRecord("request", request)),
      ],
      onAppended,
    );
    await statements.write(
      // Materialized: otherwise the database computes the sums for each row that it compares.
      `WITH log AS MATERIALIZED (
         SELECT world, last, (
           SELECT sum(bytes) FROM ${tableOf("request")} AS kept WHERE kept.world = log.world) AS bytes
         FROM ${tableOf("request_log")} AS log WHERE world = ANY ($1)
       ), dropped AS MATERIALIZED (
         SELECT world, greatest(last - $2::bigint, CASE WHEN bytes > $3::bigint THEN (
           SELECT max(sequence) FROM (
             SELECT sequence, sum(bytes) OVER (ORDER BY sequence DESC) AS total
             FROM ${tableOf("request")} AS kept WHERE kept.world = log.world
           ) AS sizes WHERE total > $3::bigint) END) AS last
         FROM log
       )
       DELETE FROM ${tableOf("request")} AS old USING dropped
       WHERE old.world = dropped.world AND old.sequence <= dropped.last`,
      [worlds, requestsMax, requestsMaxBytes],
    );
    await statements.write(`DELETE FROM ${tableOf("request_log")} WHERE world = ANY ($1) AND last = 0`, [worlds]);
  }

  async #read(condition: string, values: readonly unknown[]): Promise<KeptRequest[]> {
    const text = `SELECT request, sequence FROM "${this.#schema}".request WHERE ${condition}`;
    const rows = await this.#runOne((statements) => statements.query<Row>(text, values));
    return rows.map(({ request, sequence }) => ({
      ...(decodeRecord("request", request) as LoggedRequest),
      sequence: Number(sequence),
    }));
  }
}
