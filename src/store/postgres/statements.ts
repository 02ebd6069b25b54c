import type { Client } from "pg";

/** The records cannot be reached in time. */
export class StoreUnavailableError extends Error {
  override readonly name = "StoreUnavailableError";
}

/** The database accepts no writes. */
export class ReadOnlyError extends StoreUnavailableError {}

/** The database reports a failure of its own, such as a full disk. */
export class FailingDatabaseError extends StoreUnavailableError {}

/** It is unknown whether a transaction was committed. */
export class UnansweredCommitError extends StoreUnavailableError {}

/** Two units collided: they are not serializable. */
export class CollisionError extends Error {}

/** `serialization_failure`, `deadlock_detected`: the work of one unit is done again. */
const collisions = ["40001", "40P01"];
/**
 * Error classes and codes of an unavailable database: connection, resources, shutdown, system, idle and lock timeouts.
 */
const unavailable = ["08", "53", "57", "58", "XX", "25P03", "25P04", "55P03"];
/** Error classes of a database that fails itself: resources such as a full disk, system errors, internal errors. */
const failing = ["53", "58", "XX"];
/** `too_many_connections`: the database works. */
const tooManyConnections = "53300";
/** `read_only_sql_transaction`. */
const readOnly = "25006";
/** `feature_not_supported`: a hot standby rejects SERIALIZABLE. */
const notSupported = "0A000";

/**
 * Sends statements on one connection, one after another, and classifies errors: unavailable, collision, or a defect.
 */
export class Statements {
  readonly #client: Pick<Client, "query">;
  #last: Promise<unknown> = Promise.resolve();
  #isCommitting = false;
  #end: StoreUnavailableError | undefined;

  constructor(client: Pick<Client, "query">) {
    this.#client = client;
  }

  /** @returns the rows. Rejects with `StoreUnavailableError` if the connection or the database is unavailable. */
  async query<R extends object>(text: string, values: readonly unknown[] = []): Promise<R[]> {
    return (await this.#enqueue<R>(text, values)).rows;
  }

  /**
   * Commits a transaction. Rejects with `CollisionError` if the database rolled it back because a statement had failed,
   * and with `UnansweredCommitError` if it is unknown whether it was committed.
   */
  async commit(): Promise<void> {
    this.#isCommitting = true;
    const { command } = await this.#enqueue("COMMIT", []).catch((error: unknown) => {
      if (!(error instanceof StoreUnavailableError)) throw error;
      throw new UnansweredCommitError(error.message, { cause: error });
    });
    if (command === "ROLLBACK") throw new CollisionError("a statement of the transaction had failed");
  }

  /** Stops sending. @returns the error for pending callers: a commit in progress may still succeed. */
  end(reason: string): StoreUnavailableError {
    this.#end = this.#isCommitting ? new UnansweredCommitError(reason) : new StoreUnavailableError(reason);
    return this.#end;
  }

  /** Throws after `end`. */
  check(): void {
    if (this.#end !== undefined) throw this.#end;
  }

  #enqueue<R extends object>(text: string, values: readonly unknown[]) {
    const result = this.#last.then(() => this.#send<R>(text, values));
    this.#last = result.catch(() => undefined);
    return result;
  }

  async #send<R extends object>(text: string, values: readonly unknown[]) {
    this.check();
    try {
      return await this.#client.query<R>(text, [...values]);
    } catch (error) {
      const { severity, code = "" } = error as { severity?: string; code?: string };
      if (severity === undefined) throw new StoreUnavailableError(describe(error), { cause: error });
      if (collisions.includes(code)) throw new CollisionError("collided", { cause: error });
      if (code === readOnly) throw new ReadOnlyError(describe(error), { cause: error });
      const isOf = (prefixes: readonly string[]) => prefixes.some((prefix) => code.startsWith(prefix));
      if (isOf(failing) && code !== tooManyConnections) {
        throw new FailingDatabaseError(describe(error), { cause: error });
      }
      if (!isOf(unavailable)) throw error;
      throw new StoreUnavailableError(describe(error), { cause: error });
    }
  }
}

/** Whether the database does not support the statement, now or at all. */
export function isNotSupported(error: unknown): boolean {
  return (error as { code?: string }).code === notSupported;
}

/** Returns the message of an error. If several addresses were tried, the message of the first one. */
export function describe(error: unknown): string {
  const { errors, message, code } = error as { errors?: unknown[]; message?: string; code?: string };
  return message || (errors?.[0] === undefined ? (code ?? String(error)) : describe(errors[0]));
}
