import type { Client, ClientConfig, PoolClient } from "pg";
import type { RealClock } from "../../platform/clock.ts";
import { describe, isNotThere, ReadOnlyError, Statements, StoreUnavailableError } from "./statements.ts";

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

/** What the database says where it takes no more connections, and how soon to ask for one again, in milliseconds. */
const tooMany = "53300";
const fullMs = 50;
/** What a pooler says to a setting for the connection that it does not know. */
const refused = "08P01";
/** What goes over the connection that listens is short: an answer that takes longer does not come, in milliseconds. */
const shortMs = 2_000;
/** So many wait for a connection at most, for each connection. */
const waitingMax = 100;
/** After the database could not be reached one tries again each time that so many milliseconds are over. */
const retryMs = 500;

/** The connections of this process: how many there are, how long each is lent, and whether there can be any. */
export class Connections {
  readonly #parts: PostgresParts;
  readonly #pg: Driver;
  readonly #settings: ClientConfig;
  readonly #pool: InstanceType<Driver["Pool"]>;
  #lent = 0;
  /** When the database answered last. */
  #answerTime: number;
  /** When the database may be tried again, while it cannot be reached. */
  #retryTime: number | undefined;

  private constructor(parts: PostgresParts, pg: Driver, settings: ClientConfig) {
    this.#parts = parts;
    this.#pg = pg;
    this.#settings = settings;
    this.#answerTime = parts.clock.now();
    this.#pool = new pg.Pool({ ...settings, max: parts.connectionsMax, allowExitOnIdle: true });
    // A connection that breaks while nobody uses it is replaced when the next one is asked for.
    this.#pool.on("error", () => undefined);
    // While it is lent the pool does not listen to it: who uses it hears of the trouble by its statements.
    this.#pool.on("connect", (client) => client.on("error", () => undefined));
  }

  /** Connects for the first time. Rejects where that cannot be. @returns that connection too, as `own` would give it. */
  static async of(parts: PostgresParts, pg: Driver): Promise<{ connections: Connections; client: Client }> {
    const plain = { connectionString: parts.url, connectionTimeoutMillis: parts.timeoutMs, keepAlive: true };
    // So the database gives up itself what nobody waits for any more, unless a pooler is in between that knows no such setting.
    const limited = { ...plain, statement_timeout: parts.timeoutMs };
    try {
      const connections = new Connections(parts, pg, limited);
      return { connections, client: await connections.own() };
    } catch (error) {
      if ((error as { code?: string }).code !== refused) throw error;
      const connections = new Connections(parts, pg, plain);
      return { connections, client: await connections.own() };
    }
  }

  /** A connection that is nobody else's and is not counted, for what is answered soon. */
  async own(): Promise<Client> {
    const { timeoutMs } = this.#parts;
    const client = new this.#pg.Client({ ...this.#settings, query_timeout: Math.min(timeoutMs, shortMs) });
    client.on("error", () => undefined);
    await client.connect();
    return client;
  }

  /**
   * Lends a connection until the deadline. Then nothing more is sent on it, and it is not free before the database has
   * given up too, so that what nobody waits for does not pile up there; one that is not answered at all is cut.
   * Rejects with `StoreUnavailableError` where there is none in time, and at once while the database cannot be reached.
   */
  async lend<T>(work: (statements: Statements) => Promise<T>, deadline = this.deadline()): Promise<T> {
    const { clock, timeoutMs } = this.#parts;
    const client = await this.#connect(deadline);
    const statements = new Statements(client);
    // A statement is ended by the database after so long at most.
    const limitMs = Math.max(timeoutMs, deadline - clock.now());
    this.#lent += 1;
    let isLent = true;
    let cancel = () => {};
    const release = (isBroken: boolean) => {
      if (!isLent) return;
      isLent = false;
      this.#lent -= 1;
      cancel();
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
        if (isSilent) this.#lose("it does not answer");
        cancel = clock.after(isSilent ? retryMs : limitMs, () => release(true));
      });
    });
    return Promise.race([used, late]);
  }

  async #use<T>(statements: Statements, work: (statements: Statements) => Promise<T>): Promise<T> {
    const { clock } = this.#parts;
    try {
      if (this.#retryTime !== undefined) await this.#find(statements);
      const value = await work(statements);
      this.#answerTime = clock.now();
      return value;
    } catch (given) {
      const error = isNotThere(given) ? await readOnlyOr(given, statements) : given;
      if (error instanceof ReadOnlyError) this.#lose(error.message);
      const isTried = error instanceof StoreUnavailableError && this.#retryTime !== undefined;
      if (isTried) this.#retryTime = clock.now() + retryMs;
      throw error;
    }
  }

  /** Rejects where the database takes no writes. */
  async check(): Promise<void> {
    await this.lend(checkWrites);
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
    await checkWrites(statements);
    if (this.#retryTime === undefined) return;
    this.#retryTime = undefined;
    this.#parts.onState(undefined);
  }

  #lose(trouble: string): void {
    if (this.#retryTime === undefined) this.#parts.onState(trouble);
    this.#retryTime = this.#parts.clock.now() + retryMs;
  }
}

/** One that stands by has no serializable transactions, and takes no writes. */
async function readOnlyOr(error: unknown, statements: Statements): Promise<unknown> {
  return checkWrites(statements).then(
    () => error,
    (other: unknown) => other,
  );
}

async function checkWrites(statements: Statements): Promise<void> {
  const [row] = await statements.query<{ transaction_read_only: string }>("SHOW transaction_read_only");
  if (row?.transaction_read_only === "on") throw new ReadOnlyError("it is read-only");
}

/** Rejects with a sentence where the driver is not there. */
export async function loadDriver(): Promise<Driver> {
  try {
    return (await import("pg")).default;
  } catch (error) {
    if ((error as { code?: string }).code !== "ERR_MODULE_NOT_FOUND") throw error;
    throw new Error("the package pg is not installed: npm install pg", { cause: error });
  }
}
