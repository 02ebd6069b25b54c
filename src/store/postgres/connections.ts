import type { Client, PoolClient } from "pg";
import type { RealClock } from "../../platform/clock.ts";

type Driver = typeof import("pg")["default"];

/** Where the database is and how it is used. */
export interface PostgresParts {
  readonly url: string;
  readonly schema: string;
  /** How many connections there may be, besides the one by which it hears of the others. */
  readonly connectionsMax: number;
  /** How long a unit of work may take, the wait for a connection included, in milliseconds. */
  readonly timeoutMs: number;
  /** The real time of this machine, for time limits. */
  readonly clock: Pick<RealClock, "now" | "after">;
  /** A text that no other process has. */
  readonly id: string;
  /** Hears that the database cannot be reached any more, and why, and that it can be again. */
  readonly onState: (trouble: string | undefined) => void;
}

/** Says that the records cannot be reached in time. */
export class StoreUnavailableError extends Error {
  override readonly name = "StoreUnavailableError";
}

/** Says that nobody knows whether a transaction was committed. */
export class UnansweredCommitError extends StoreUnavailableError {}

/** What the database says where two units cannot both have been first: the work of one is done again. */
const collisions = ["40001", "40P01"];
/** What the database says where it takes no more connections, and how soon to ask for one again, in milliseconds. */
const tooMany = "53300";
const fullMs = 50;
/** Classes of errors that are the database's trouble and not this program's. */
const troubles = ["08", "53", "57", "58", "XX"];
/** So many wait for a connection at most, for each connection. */
const waitingMax = 100;
/** After the database could not be reached one tries again each time that so many milliseconds are over. */
const retryMs = 500;

/** Sends statements to one connection, one after another, and tells trouble with it from what is wrong with a statement. */
export class Statements {
  readonly #client: Pick<Client, "query">;
  #last: Promise<unknown> = Promise.resolve();

  constructor(client: Pick<Client, "query">) {
    this.#client = client;
  }

  /** @returns the rows. Rejects with `StoreUnavailableError` where the connection or the database is in trouble. */
  async query<R extends object>(text: string, values: readonly unknown[] = []): Promise<R[]> {
    return (await this.#ask<R>(text, values)).rows;
  }

  /**
   * Ends a transaction. Rejects where the database takes it back instead, because one of its statements had failed, and
   * with `UnansweredCommitError` where it may have come through.
   */
  async commit(): Promise<void> {
    const { command } = await this.#ask("COMMIT", []).catch((error: unknown) => {
      if (!(error instanceof StoreUnavailableError)) throw error;
      throw new UnansweredCommitError(error.message, { cause: error });
    });
    if (command === "ROLLBACK") throw new CollisionError("a statement of the transaction had failed");
  }

  #ask<R extends object>(text: string, values: readonly unknown[]) {
    const asked = this.#last.then(() => this.#send<R>(text, values));
    this.#last = asked.catch(() => undefined);
    return asked;
  }

  async #send<R extends object>(text: string, values: readonly unknown[]) {
    try {
      return await this.#client.query<R>(text, [...values]);
    } catch (error) {
      const code = (error as { severity?: string; code?: string }).severity && (error as { code?: string }).code;
      if (code !== undefined && collisions.includes(code)) throw new CollisionError("collided", { cause: error });
      if (code && !troubles.includes(code.slice(0, 2))) throw error;
      throw new StoreUnavailableError(describe(error), { cause: error });
    }
  }
}

/** Says that two units cannot both have been first. */
export class CollisionError extends Error {}

/** The connections of this process: how many there are, how long each is lent, and whether there can be any. */
export class Connections {
  readonly #parts: PostgresParts;
  readonly #pg: Driver;
  readonly #pool: InstanceType<Driver["Pool"]>;
  #lent = 0;
  /** When the database answered last. */
  #answerTime: number;
  /** When the database may be tried again, while it cannot be reached. */
  #retryTime: number | undefined;

  private constructor(parts: PostgresParts, pg: Driver) {
    this.#parts = parts;
    this.#pg = pg;
    this.#answerTime = parts.clock.now();
    this.#pool = new pg.Pool({ ...this.#options(), max: parts.connectionsMax, allowExitOnIdle: true });
    // A connection that breaks while nobody uses it is replaced when the next one is asked for.
    this.#pool.on("error", () => undefined);
    // While it is lent the pool does not listen to it: who uses it hears of the trouble by its statements.
    this.#pool.on("connect", (client) => client.on("error", () => undefined));
  }

  /** Loads the driver. Rejects with a sentence where it is not there. */
  static async of(parts: PostgresParts): Promise<Connections> {
    return new Connections(parts, await loadDriver());
  }

  /** A connection that is nobody else's and is not counted. */
  async own(): Promise<Client> {
    const client = new this.#pg.Client({ ...this.#options(), query_timeout: this.#parts.timeoutMs });
    client.on("error", () => undefined);
    await client.connect();
    return client;
  }

  /**
   * Lends a connection until the deadline; then it is cut, with what is under way on it.
   * Rejects with `StoreUnavailableError` where there is none in time, and at once while the database cannot be reached.
   */
  async lend<T>(work: (statements: Statements) => Promise<T>, deadline = this.deadline()): Promise<T> {
    const { clock, timeoutMs } = this.#parts;
    const client = await this.#connect(deadline);
    this.#lent += 1;
    let isLate = false;
    const cancel = clock.after(deadline - clock.now(), () => {
      isLate = true;
      client.release(true);
    });
    let isBroken = false;
    try {
      const statements = new Statements(client);
      if (this.#retryTime !== undefined) await this.#find(statements);
      const value = await work(statements);
      this.#answerTime = clock.now();
      return value;
    } catch (error) {
      isBroken = error instanceof StoreUnavailableError;
      if (isBroken && this.#retryTime !== undefined) this.#retryTime = clock.now() + retryMs;
      if (!isLate) throw error;
      if (clock.now() - this.#answerTime >= timeoutMs) this.#lose("it does not answer");
      if (error instanceof UnansweredCommitError) throw error;
      throw new StoreUnavailableError("the database took too long", { cause: error });
    } finally {
      this.#lent -= 1;
      cancel();
      if (!isLate) client.release(isBroken);
    }
  }

  /** Until when what begins now has to be done; it may take so many times as long as others. */
  deadline(factor = 1): number {
    return this.#parts.clock.now() + factor * this.#parts.timeoutMs;
  }

  /** Rejects never, but may take for ever where the database does not answer. */
  async close(): Promise<void> {
    await this.#pool.end().catch(() => undefined);
  }

  async #connect(deadline: number): Promise<PoolClient> {
    const { clock, timeoutMs, connectionsMax } = this.#parts;
    if (this.#retryTime !== undefined) {
      if (clock.now() < this.#retryTime) throw new StoreUnavailableError("the database cannot be reached");
      // The others do not wait for what this one finds.
      this.#retryTime = clock.now() + timeoutMs + retryMs;
    }
    if (this.#pool.waitingCount >= waitingMax * connectionsMax) {
      throw new StoreUnavailableError("too many wait for the database");
    }
    for (;;) {
      try {
        return await this.#connectBefore(deadline);
      } catch (error) {
        const isFull = (error as { code?: string }).code === tooMany;
        if (!isFull || clock.now() + fullMs >= deadline) {
          // Where others are lent, or the database says that it has too many, it is there.
          if (this.#lent === 0 && !isFull) this.#lose(describe(error));
          throw new StoreUnavailableError(describe(error), { cause: error });
        }
      }
      await new Promise<void>((resolve) => void clock.after(fullMs, resolve, { keepsAlive: true }));
    }
  }

  #connectBefore(deadline: number): Promise<PoolClient> {
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

  /** Sees that a database that could not be reached answers again. */
  async #find(statements: Statements): Promise<void> {
    await statements.query("SELECT 1");
    if (this.#retryTime === undefined) return;
    this.#retryTime = undefined;
    this.#parts.onState(undefined);
  }

  #lose(trouble: string): void {
    if (this.#retryTime === undefined) this.#parts.onState(trouble);
    this.#retryTime = this.#parts.clock.now() + retryMs;
  }

  #options() {
    const { url: connectionString, timeoutMs: connectionTimeoutMillis } = this.#parts;
    return { connectionString, connectionTimeoutMillis, keepAlive: true };
  }
}

async function loadDriver(): Promise<Driver> {
  try {
    return (await import("pg")).default;
  } catch (error) {
    if ((error as { code?: string }).code !== "ERR_MODULE_NOT_FOUND") throw error;
    throw new Error("the package pg is not installed: npm install pg", { cause: error });
  }
}

/** What is wrong, in words. Of several addresses that were tried, the first. */
export function describe(error: unknown): string {
  const { errors, message, code } = error as { errors?: unknown[]; message?: string; code?: string };
  return message || (errors?.[0] === undefined ? (code ?? String(error)) : describe(errors[0]));
}
