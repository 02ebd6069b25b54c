import type { Change, Listener, Origin, Store, UnitOfWork, UnitOptions } from "../store.ts";
import { Connections, loadDriver, type PostgresParts } from "./connections.ts";
import { Feed } from "./feed.ts";
import { migrate } from "./migrate.ts";
import { PostgresRequests } from "./requests.ts";
import { CollisionError, describe, type Statements, StoreUnavailableError } from "./statements.ts";
import { decodeText } from "./text.ts";
import { Turns } from "./turns.ts";
import { PostgresUnit } from "./unit.ts";

/** A unit that touches a whole world may take so many times as long. */
const largeFactor = 20;

/** Keeps the records in PostgreSQL 14 or newer, or in what speaks its protocol and is serializable. */
export class PostgresStore implements Store {
  readonly shared = true;
  readonly requests: PostgresRequests;
  readonly #parts: PostgresParts;
  readonly #connections: Connections;
  readonly #feed: Feed;
  readonly #listeners = new Set<Listener>();
  readonly #turns = new Turns();

  private constructor(parts: PostgresParts, connections: Connections) {
    this.#parts = parts;
    this.#connections = connections;
    const { schema, id: from, clock } = parts;
    this.#feed = new Feed({
      connect: () => connections.own(),
      channel: `sandbox ${schema}`,
      from,
      clock,
      onNews: (changes) => this.#tell(changes, "elsewhere"),
    });
    this.requests = new PostgresRequests(
      schema,
      (work) => this.#committed(work),
      (changes) => this.#tell(changes, "here"),
    );
  }

  /** Connects, and brings the schema up to date. Rejects with a sentence where that cannot be. */
  static async open(parts: PostgresParts): Promise<PostgresStore> {
    const pg = await loadDriver();
    let connections: Connections | undefined;
    try {
      const first = await Connections.of(parts, pg);
      connections = first.connections;
      const { client } = first;
      const store = new PostgresStore(parts, connections);
      // While another program does it there is a wait, and it takes its time.
      const limitMs = largeFactor * parts.timeoutMs;
      await connections
        .lend((statements) => migrate(statements, parts.schema, limitMs), connections.deadline(largeFactor))
        .catch((error: unknown) => {
          // A database that has gone silent does not say goodbye either.
          void client.end().catch(() => undefined);
          throw error;
        });
      await store.#feed.start(client);
      return store;
    } catch (error) {
      await connections?.close();
      throw new Error(`the database at ${placeOf(parts.url)}: ${describe(error)}`, { cause: error });
    }
  }

  /**
   * Does the work in one serializable transaction, and again where it collided. Those of one world wait for their turn, and
   * so do all others that have collided: else the many would hinder each other for ever.
   */
  async atomically<T>(work: (unit: UnitOfWork) => Promise<T>, options: UnitOptions = {}): Promise<T> {
    const { longRunning = false, readOnly = false, heartbeat = false, world } = options;
    if (heartbeat) {
      const done = await this.#feed.use((statements) => this.#inUnit(statements, work, []));
      if (done !== undefined) return done.value;
    }
    const deadline = this.#connections.deadline(longRunning ? largeFactor : 1);
    if (readOnly) return this.#connections.lend((statements) => this.#inUnit(statements, work, undefined), deadline);
    const first = world === undefined ? await this.#try(work, deadline) : undefined;
    if (first !== undefined) return first.value;
    return this.#turns.take(world ?? (longRunning ? "large" : "small"), async () => {
      while (this.#parts.clock.now() < deadline) {
        const done = await this.#try(work, deadline);
        if (done !== undefined) return done.value;
      }
      throw new StoreUnavailableError("too many units of work are at the same records");
    });
  }

  async worldsWithDueTasks(realTime: number): Promise<string[]> {
    const { schema } = this.#parts;
    const rows = await this.#connections.lend((statements) =>
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

  /** What time it is for the database, in milliseconds since 1970. */
  async time(): Promise<number> {
    const text = "SELECT extract(epoch FROM clock_timestamp()) * 1000 AS time";
    const [row] = await this.#connections.lend((statements) => statements.query<{ time: string }>(text));
    return Number(row?.time);
  }

  async check(): Promise<void> {
    await this.#connections.check();
  }

  isUnavailable(error: unknown): boolean {
    return error instanceof StoreUnavailableError;
  }

  subscribe(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async close(): Promise<void> {
    this.#listeners.clear();
    await this.#feed.stop();
    await this.#connections.close();
  }

  #tell(changes: readonly Change[] | "anything", origin: Origin): void {
    if (changes.length === 0) return;
    if (origin === "here" && changes !== "anything") this.#feed.tell(changes);
    for (const listener of this.#listeners) listener(changes, origin);
  }

  /** @returns what came of it, or nothing where it collided with another unit. */
  async #try<T>(work: (unit: UnitOfWork) => Promise<T>, deadline: number): Promise<{ readonly value: T } | undefined> {
    let changes: Change[] = [];
    const inUnit = (statements: Statements) => {
      changes = [];
      return this.#inUnit(statements, work, changes);
    };
    try {
      const value = await this.#transaction("SERIALIZABLE", inUnit, deadline);
      this.#tell(changes, "here");
      return { value };
    } catch (error) {
      if (error instanceof CollisionError) return undefined;
      throw error;
    }
  }

  /** @param changes is told what the work writes; a loose one writes nothing. */
  async #inUnit<T>(
    statements: Statements,
    work: (unit: UnitOfWork) => Promise<T>,
    changes: Change[] | undefined,
  ): Promise<T> {
    const unit = new PostgresUnit(statements, this.#parts.schema, changes);
    try {
      const value = await work(unit);
      await unit.write();
      return value;
    } finally {
      unit.end();
    }
  }

  /** Does statements together, and again where they and others waited for each other. */
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
      const leftMs = Math.max(Math.ceil((deadline ?? this.#connections.deadline()) - this.#parts.clock.now()), 1);
      const limit = `SET LOCAL statement_timeout = ${leftMs}`;
      await statements.query(`BEGIN ISOLATION LEVEL ${isolation}; ${limit}`);
      let value: T;
      try {
        statements.check();
        value = await work(statements);
      } catch (error) {
        if (!(error instanceof StoreUnavailableError)) await statements.query("ROLLBACK");
        throw error;
      }
      await statements.commit();
      return value;
    }, deadline);
  }
}

/** The URL without what must not be told. */
function placeOf(url: string): string {
  const { host, pathname, searchParams } = new URL(url);
  return (host || searchParams.get("host")) + pathname;
}
