import type { Client, ClientConfig, PoolClient } from "pg";
import type { RealClock } from "../../platform/clock.ts";
import { requireInstalled } from "../../versions.ts";
import type { Pause } from "../subscribers.ts";
import { StatementNames } from "./statement-names.ts";
import {
  describe,
  FailingDatabaseError,
  isNotSupported,
  ReadOnlyError,
  Statements,
  StoreUnavailableError,
} from "./statements.ts";

type Driver = typeof import("pg")["default"];

/** The address of the database, and limits for its use. */
export interface PostgresParts {
  readonly url: string;
  readonly schema: string;
  /** Maximum size of the pool. The feed has one more connection. */
  readonly connectionsMax: number;
  /** Timeout of a unit of work, including the wait for a connection, in milliseconds. */
  readonly timeoutMs: number;
  /** The real time of this machine, for timeouts. */
  readonly clock: Pick<RealClock, "now" | "after">;
  /** Divides long work into pieces; without it, nothing does. */
  readonly pause?: Pause;
  /** The id of this process: unique among all processes. */
  readonly id: string;
  /** Called with the reason when the database becomes unavailable, and with `undefined` when it is available again. */
  readonly onState: (reason: string | undefined) => void;
}

/** `too_many_connections`. */
const tooManyConnections = "53300";
/** Delay before the next attempt after `too_many_connections`, in milliseconds. */
const fullRetryMs = 50;
/** `protocol_violation`: a connection pooler rejects an unknown connection setting. */
const protocolViolation = "08P01";
/** Maximum query timeout of the listening connection, in milliseconds. */
const listenerTimeoutMs = 2_000;
/** Size of the write that shows that a database can write again, in bytes. */
const probeBytes = 256 * 1024;
/** Interval between attempts to reach an unavailable database, in milliseconds. */
const retryMs = 500;

/** The pool of connections of this process. Limits their number and the time of each use, and tracks availability. */
export class Connections {
  readonly #parts: PostgresParts;
  readonly #pg: Driver;
  readonly #settings: ClientConfig;
  readonly #pool: InstanceType<Driver["Pool"]>;
  readonly #names: StatementNames;
  #lent = 0;
  /** The time of the last answer of the database. */
  #answerTime: number;
  /** The time of the next attempt, while the database is unavailable. */
  #retryTime: number | undefined;
  /** Whether the database has to write before it counts as available again. */
  #mustWrite = false;

  private constructor(parts: PostgresParts, pg: Driver, settings: ClientConfig) {
    this.#parts = parts;
    this.#pg = pg;
    this.#settings = settings;
    this.#answerTime = parts.clock.now();
    this.#names = new StatementNames(parts.id);
    // An older driver ignores `pipeline`: each statement then waits for the one before.
    this.#pool = new pg.Pool({ ...settings, max: parts.connectionsMax, allowExitOnIdle: true, pipeline: true });
    // The pool replaces an idle connection that breaks.
    this.#pool.on("error", () => undefined);
    // The pool does not handle errors of a connection in use: the statements of its user reject.
    this.#pool.on("connect", (client) => client.on("error", () => undefined));
  }

  /** Opens the pool and a first connection like that of `connect`. Rejects if that fails. */
  static async open(parts: PostgresParts, pg: Driver): Promise<{ connections: Connections; client: Client }> {
    const plain = { connectionString: parts.url, connectionTimeoutMillis: parts.timeoutMs, keepAlive: true };
    // The database itself ends statements that nobody waits for any more. Some connection poolers reject the setting.
    const limited = { ...plain, statement_timeout: parts.timeoutMs };
    try {
      const connections = new Connections(parts, pg, limited);
      return { connections, client: await connections.connect() };
    } catch (error) {
      if ((error as { code?: string }).code !== protocolViolation) throw error;
      const connections = new Connections(parts, pg, plain);
      return { connections, client: await connections.connect() };
    }
  }

  /** Opens a connection outside the pool, for short statements. */
  async connect(): Promise<Client> {
    const { timeoutMs } = this.#parts;
    const client = new this.#pg.Client({ ...this.#settings, query_timeout: Math.min(timeoutMs, listenerTimeoutMs) });
    client.on("error", () => undefined);
    await client.connect();
    return client;
  }

  /**
   * Lends a connection until the deadline. After it, nothing more is sent on the connection. The pool gets it back
   * when the database has ended the statement too, so that abandoned statements do not accumulate there. If the
   * database does not answer at all, the connection is cut. Rejects with `StoreUnavailableError` if no connection is
   * free in time, and at once while the database is unavailable.
   */
  async lend<T>(work: (statements: Statements) => Promise<T>, deadline = this.deadline()): Promise<T> {
    const { clock, timeoutMs } = this.#parts;
    const client = await this.#take(deadline);
    const statements = new Statements(client, this.#names);
    // The database ends every statement after this time.
    const statementMaxMs = Math.max(timeoutMs, deadline - clock.now());
    this.#lent += 1;
    let isLent = true;
    let cancel = () => {};
    const release = (isBroken: boolean) => {
      if (!isLent) return;
      isLent = false;
      this.#lent -= 1;
      cancel();
      statements.close();
      client.release(isBroken);
    };
    const used = this.#use(statements, work).then(
      (value) => {
        release(false);
        return value;
      },
      (error: unknown) => {
        release(error instanceof StoreUnavailableError);
        throw error;
      },
    );
    const late = new Promise<never>((_, reject) => {
      cancel = clock.after(deadline - clock.now(), () => {
        reject(statements.end("the database took too long"));
        const isSilent = clock.now() - this.#answerTime >= timeoutMs;
        if (isSilent) this.#setUnavailable("it does not answer");
        cancel = clock.after(isSilent ? retryMs : statementMaxMs, () => release(true));
      });
    });
    return Promise.race([used, late]);
  }

  async #use<T>(statements: Statements, work: (statements: Statements) => Promise<T>): Promise<T> {
    const { clock } = this.#parts;
    try {
      if (this.#retryTime !== undefined) await this.#checkAvailable(statements);
      const value = await work(statements);
      this.#answerTime = clock.now();
      return value;
    } catch (given) {
      const error = isNotSupported(given) ? await readOnlyOr(given, statements) : given;
      const failure = failureOf(error);
      this.#mustWrite ||= failure instanceof FailingDatabaseError;
      if (failure !== undefined) this.#setUnavailable(failure.message);
      const isTried = error instanceof StoreUnavailableError && this.#retryTime !== undefined;
      if (isTried) this.#retryTime = clock.now() + retryMs;
      throw error;
    }
  }

  /** Rejects if the database accepts no writes. */
  async check(): Promise<void> {
    await this.lend(checkWrites);
  }

  /** Returns the deadline of work that begins now. @param factor multiplies the usual timeout. */
  deadline(factor = 1): number {
    return this.#parts.clock.now() + factor * this.#parts.timeoutMs;
  }

  /** Never rejects. Does not resolve if the database does not answer. */
  async close(): Promise<void> {
    await this.#pool.end().catch(() => undefined);
  }

  async #take(deadline: number): Promise<PoolClient> {
    const { clock, timeoutMs } = this.#parts;
    if (this.#retryTime !== undefined) {
      if (clock.now() < this.#retryTime) throw new StoreUnavailableError("the database cannot be reached");
      // This caller tries. Others fail at once until it has a result.
      this.#retryTime = clock.now() + timeoutMs + retryMs;
    }
    for (;;) {
      try {
        return await this.#takeBefore(deadline);
      } catch (error) {
        const isFull = (error as { code?: string }).code === tooManyConnections;
        if (!isFull || clock.now() + fullRetryMs >= deadline) {
          // With other connections in use, or with "too many connections", the database is available.
          if (this.#lent === 0 && !isFull) this.#setUnavailable(describe(error));
          throw new StoreUnavailableError(describe(error), { cause: error });
        }
      }
      await new Promise<void>((resolve) => void clock.after(fullRetryMs, resolve, { keepsAlive: true }));
    }
  }

  #takeBefore(deadline: number): Promise<PoolClient> {
    const { clock } = this.#parts;
    return new Promise((resolve, reject) => {
      let isLate = false;
      const cancel = clock.after(deadline - clock.now(), () => {
        isLate = true;
        reject(new StoreUnavailableError("no connection was free in time"));
      });
      this.#pool
        .connect()
        .then((client) => (isLate ? client.release() : resolve(client)), reject)
        .finally(cancel);
    });
  }

  /** Ends the unavailable state if the database accepts writes again. */
  async #checkAvailable(statements: Statements): Promise<void> {
    await checkWrites(statements);
    if (this.#mustWrite) await this.#tryWrite(statements);
    this.#mustWrite = false;
    if (this.#retryTime === undefined) return;
    this.#retryTime = undefined;
    this.#parts.onState(undefined);
  }

  /** Writes a record that needs more room than a full disk has left, and takes it back. */
  async #tryWrite(statements: Statements): Promise<void> {
    const { schema, id } = this.#parts;
    const text = `SELECT string_agg(md5(random()::text), '') FROM generate_series(1, ${probeBytes / 32})`;
    await statements.query("BEGIN");
    await statements.query(
      `INSERT INTO "${schema}".session (key, record) VALUES ($1, jsonb_build_object('text', (${text})))`,
      [`probe ${id}`],
    );
    await statements.query("ROLLBACK");
  }

  #setUnavailable(reason: string): void {
    if (this.#retryTime === undefined) this.#parts.onState(reason);
    this.#retryTime = this.#parts.clock.now() + retryMs;
  }
}

/**
 * Returns a `ReadOnlyError` if the database is a hot standby, which also rejects SERIALIZABLE; else the given error.
 */
async function readOnlyOr(error: unknown, statements: Statements): Promise<unknown> {
  return checkWrites(statements).then(
    () => error,
    (other: unknown) => other,
  );
}

/** The error of a database that answers but cannot be used, if it is one. */
function failureOf(error: unknown): StoreUnavailableError | undefined {
  const isFailure = (one: unknown) => one instanceof ReadOnlyError || one instanceof FailingDatabaseError;
  if (isFailure(error)) return error as StoreUnavailableError;
  // A commit may fail in the same way.
  const { cause } = error as { cause?: unknown };
  return isFailure(cause) ? (cause as StoreUnavailableError) : undefined;
}

async function checkWrites(statements: Statements): Promise<void> {
  const [row] = await statements.query<{ transaction_read_only: string }>("SHOW transaction_read_only");
  if (row?.transaction_read_only === "on") throw new ReadOnlyError("it is read-only");
}

const missingCodes: readonly unknown[] = ["ERR_MODULE_NOT_FOUND", "MODULE_NOT_FOUND"];

/** Loads the driver. Rejects with a sentence for people if it is not installed, or too old. */
export async function loadDriver(): Promise<Driver> {
  requireInstalled("it", "pg");
  try {
    return (await import("pg")).default;
  } catch (error) {
    if (!missingCodes.includes((error as { code?: unknown }).code)) throw error;
    throw new Error("the package pg is not installed: npm install pg", { cause: error });
  }
}
