import type { Change, DueTimes, Listener, Store, UnitOfWork, UnitOptions } from "../store.ts";
import { Subscribers } from "../subscribers.ts";
import { Connections, loadDriver, type PostgresParts } from "./connections.ts";
import { Feed } from "./feed.ts";
import { migrate } from "./migrate.ts";
import { PostgresRequests } from "./requests.ts";
import { SerialQueue } from "./serial-queue.ts";
import { CollisionError, describe, type Statements, StoreUnavailableError } from "./statements.ts";
import { decodeText } from "./text.ts";
import { PostgresUnit, type UnitChanges } from "./unit.ts";

/** Timeout of a long-running unit, as a multiple of the usual timeout. */
const longRunningFactor = 20;

/** Stores the records in PostgreSQL 14 or newer, or in a compatible database with SERIALIZABLE transactions. */
export class PostgresStore implements Store {
  readonly shared = true;
  readonly requests: PostgresRequests;
  readonly #parts: PostgresParts;
  readonly #connections: Connections;
  readonly #feed: Feed;
  readonly #subscribers: Subscribers;
  readonly #queue = new SerialQueue();

  private constructor(parts: PostgresParts, connections: Connections) {
    this.#parts = parts;
    this.#connections = connections;
    const { schema, id: from, clock, pause = () => undefined } = parts;
    this.#subscribers = new Subscribers(pause);
    this.#feed = new Feed({
      connect: () => connections.connect(),
      channel: `sandbox ${schema}`,
      from,
      clock,
      onChanges: (changes) => this.#subscribers.notifyAtOnce(changes, "elsewhere"),
    });
    this.requests = new PostgresRequests(
      schema,
      (work) => this.#committed(work),
      (work) => this.#read(work),
      (changes) => this.#notify(changes),
    );
  }

  /** Connects and migrates the schema. Rejects with a sentence for people if that fails. */
  static async open(parts: PostgresParts): Promise<PostgresStore> {
    const pg = await loadDriver();
    let connections: Connections | undefined;
    try {
      const first = await Connections.open(parts, pg);
      connections = first.connections;
      const { client } = first;
      const store = new PostgresStore(parts, connections);
      // Another program may migrate at the same time: this one then waits.
      const migrationTimeoutMs = longRunningFactor * parts.timeoutMs;
      await connections
        .lend(
          (statements) => migrate(statements, parts.schema, migrationTimeoutMs),
          connections.deadline(longRunningFactor),
        )
        .catch((error: unknown) => {
          // Not awaited: a database that does not answer does not confirm the end either.
          void client.end().catch(() => undefined);
          throw error;
        });
      await store.#feed.start(client);
      return store;
    } catch (error) {
      // Not awaited, for the same reason.
      void connections?.close();
      throw new Error(`the database at ${placeOf(parts.url)}: ${describe(error)}`, { cause: error });
    }
  }

  /**
   * Runs the work in one SERIALIZABLE transaction, and again after a collision. Units of one world run one after
   * another, and so do all other units that collided: otherwise many concurrent units could collide forever.
   */
  async atomically<T>(work: (unit: UnitOfWork) => Promise<T>, options: UnitOptions = {}): Promise<T> {
    const { longRunning = false, readOnly = false, heartbeat = false, world } = options;
    if (heartbeat) {
      const done = await this.#feed.use(async (statements) => {
        const value = await this.#inUnit(statements, work, { list: [], dueTimes: new Map() });
        await statements.confirm();
        return value;
      });
      if (done !== undefined) return done.value;
    }
    const deadline = this.#connections.deadline(longRunning ? longRunningFactor : 1);
    if (readOnly) return this.#read((statements) => this.#inUnit(statements, work, undefined), deadline);
    const first = world === undefined ? await this.#try(work, deadline) : undefined;
    if (first !== undefined) return first.value;
    return this.#queue.run(world ?? (longRunning ? "long-running" : "short"), async () => {
      while (this.#parts.clock.now() < deadline) {
        const done = await this.#try(work, deadline);
        if (done !== undefined) return done.value;
      }
      throw new StoreUnavailableError("too many units of work use the same records");
    });
  }

  async worldsWithDueTasks(realTime: number): Promise<string[]> {
    const { schema } = this.#parts;
    const rows = await this.#read((statements) =>
      statements.query<{ key: string }>(
        `SELECT key FROM "${schema}".world AS world, LATERAL (
           SELECT due FROM "${schema}".task WHERE task."processingAccountId" = world.key AND NOT leased
           ORDER BY due, sequence LIMIT 1) AS first
         WHERE due <= CASE record->'clock'->>'mode' WHEN 'frozen' THEN (record->'clock'->>'time')::bigint
           ELSE $1 + (record->'clock'->>'shiftMs')::bigint END`,
        [realTime],
      ),
    );
    return rows.map(({ key }) => decodeText(key));
  }

  /** Returns the time of the database, in milliseconds since 1970. */
  async time(): Promise<number> {
    const text = "SELECT extract(epoch FROM clock_timestamp()) * 1000 AS time";
    const [row] = await this.#read((statements) => statements.query<{ time: string }>(text));
    return Number(row?.time);
  }

  async check(): Promise<void> {
    await this.#connections.check();
  }

  isUnavailable(error: unknown): boolean {
    return error instanceof StoreUnavailableError;
  }

  subscribe(listener: Listener): () => void {
    return this.#subscribers.add(listener);
  }

  async close(): Promise<void> {
    this.#subscribers.clear();
    await this.#feed.stop();
    await this.#connections.close();
  }

  /** Reports changes of this process. */
  async #notify(changes: readonly Change[], dueTimes?: DueTimes): Promise<void> {
    if (changes.length === 0) return;
    this.#feed.publish(changes);
    await this.#subscribers.notify(changes, "here", dueTimes);
  }

  /** Runs reads outside a transaction, and once more after a collision. */
  async #read<T>(work: (statements: Statements) => Promise<T>, deadline = this.#connections.deadline()): Promise<T> {
    try {
      return await this.#connections.lend(work, deadline);
    } catch (error) {
      if (!(error instanceof CollisionError)) throw error;
      return this.#connections.lend(work, deadline);
    }
  }

  /** @returns the result, or `undefined` if the unit collided with another one. */
  async #try<T>(work: (unit: UnitOfWork) => Promise<T>, deadline: number): Promise<{ readonly value: T } | undefined> {
    let changes: UnitChanges = { list: [], dueTimes: new Map() };
    const inUnit = (statements: Statements) => {
      changes = { list: [], dueTimes: new Map() };
      return this.#inUnit(statements, work, changes);
    };
    try {
      const value = await this.#transaction("SERIALIZABLE", inUnit, deadline);
      await this.#notify(changes.list, changes.dueTimes);
      return { value };
    } catch (error) {
      if (error instanceof CollisionError) return undefined;
      throw error;
    }
  }

  /** @param changes receives the changes of the unit; without it, the unit is read-only. */
  async #inUnit<T>(
    statements: Statements,
    work: (unit: UnitOfWork) => Promise<T>,
    changes: UnitChanges | undefined,
  ): Promise<T> {
    const unit = new PostgresUnit(statements, this.#parts.schema, changes);
    try {
      const value = await work(unit);
      await unit.send();
      return value;
    } finally {
      unit.end();
    }
  }

  /** Runs statements in one READ COMMITTED transaction, and again after a deadlock. */
  async #committed<T>(work: (statements: Statements) => Promise<T>): Promise<T> {
    const deadline = this.#connections.deadline();
    for (;;) {
      try {
        return await this.#transaction("READ COMMITTED", work, deadline);
      } catch (error) {
        if (!(error instanceof CollisionError) || this.#parts.clock.now() >= deadline) throw error;
      }
    }
  }

  #transaction<T>(
    isolation: "SERIALIZABLE" | "READ COMMITTED",
    work: (statements: Statements) => Promise<T>,
    deadline?: number,
  ): Promise<T> {
    return this.#connections.lend(async (statements) => {
      const remainingMs = Math.max(Math.ceil((deadline ?? this.#connections.deadline()) - this.#parts.clock.now()), 1);
      const limit = `SET LOCAL statement_timeout = ${remainingMs}`;
      // A sequential scan would collide with every write to the table, and stay in the plan while the table grows.
      const plan = "SET LOCAL enable_seqscan = off";
      statements.begin(`BEGIN ISOLATION LEVEL ${isolation}; ${limit}; ${plan}`);
      let value: T;
      try {
        statements.check();
        value = await work(statements);
      } catch (error) {
        if (!(error instanceof StoreUnavailableError)) await statements.rollback();
        throw error;
      }
      await statements.commit();
      return value;
    }, deadline);
  }
}

/** Returns the host and the database of a URL, without the password. */
function placeOf(url: string): string {
  const { host, pathname, searchParams } = new URL(url);
  return (host || searchParams.get("host")) + pathname;
}
