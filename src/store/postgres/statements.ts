import type { Client, CustomTypesConfig } from "pg";
import type { StatementNames } from "./statement-names.ts";

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

/** `in_failed_sql_transaction`: an earlier statement of the transaction had failed. */
const alreadyFailed = "25P02";
/** `invalid_sql_statement_name`, `duplicate_prepared_statement`: a pooler moves transactions between connections. */
const wrongNames = ["26000", "42P05"];

/** Every value arrives as text, which each caller decodes as it needs. */
const types = { getTypeParser: () => (value: unknown) => value } as unknown as CustomTypesConfig;

/** The stream of a connection. The driver has it, its types do not. */
interface WithStream {
  readonly connection?: { readonly stream?: { cork?(): void; uncork?(): void } };
}

/**
 * Sends statements on one connection and classifies errors: unavailable, collision, or a defect. Statements do not wait
 * for the answers to earlier ones if the driver supports that; what is sent in one turn leaves in one packet.
 */
export class Statements {
  readonly #client: Pick<Client, "query" | "pipeline">;
  readonly #names: StatementNames | undefined;
  #last: Promise<unknown> = Promise.resolve();
  /** The statement that begins the transaction, until it is sent. */
  #begin: string | undefined;
  #begun: Promise<unknown> = Promise.resolve();
  readonly #writes: Promise<void>[] = [];
  /** The first error of the database. */
  #failure: Error | undefined;
  #isCorked = false;
  #isCommitting = false;
  #end: StoreUnavailableError | undefined;

  /** @param names is absent on a connection for short statements. */
  constructor(client: Pick<Client, "query" | "pipeline">, names?: StatementNames) {
    this.#client = client;
    this.#names = names;
  }

  /** Begins a transaction, together with its first statement. */
  begin(text: string): void {
    this.#begin = text;
  }

  /** @returns the rows. Rejects with `StoreUnavailableError` if the connection or the database is unavailable. */
  async query<R extends object>(text: string, values: readonly unknown[] = []): Promise<R[]> {
    this.#sendBegin();
    const [, { rows }] = await Promise.all([this.#begun, this.#enqueue<R>(text, values)]);
    return rows;
  }

  /**
   * Sends a statement that writes, and resolves without its result: `confirm` and `commit` reject if it fails.
   * @param onRows receives the rows.
   */
  async write<R extends object>(
    text: string,
    values: readonly unknown[],
    onRows: (rows: R[]) => void = () => undefined,
  ): Promise<void> {
    this.#sendBegin();
    // Without a transaction it would be permanent.
    await this.#begun;
    const written = this.#enqueue<R>(text, values).then(({ rows }) => onRows(rows));
    written.catch(() => undefined);
    this.#writes.push(written);
  }

  /** Resolves when all writes are done. */
  async confirm(): Promise<void> {
    await Promise.all(this.#writes);
  }

  /**
   * Commits a transaction together with the last writes. Rejects with `CollisionError` if the database rolled it back
   * because a statement had failed, and with `UnansweredCommitError` if it is unknown whether it was committed.
   */
  async commit(): Promise<void> {
    // Nothing was sent.
    if (this.#begin !== undefined) return;
    this.#isCommitting = true;
    const [written, committed] = await Promise.allSettled([this.confirm(), this.#enqueue("COMMIT")]);
    if (written.status === "rejected" && isAnswer(written.reason)) throw written.reason;
    if (committed.status === "rejected") {
      const error: unknown = committed.reason;
      if (!(error instanceof StoreUnavailableError)) throw error;
      throw new UnansweredCommitError(error.message, { cause: error });
    }
    if (committed.value.command === "ROLLBACK") throw new CollisionError("a statement of the transaction had failed");
  }

  /** Ends a transaction without its writes. */
  async rollback(): Promise<void> {
    if (this.#begin === undefined) await this.#enqueue("ROLLBACK");
  }

  /** Stops sending. @returns the error for pending callers: a commit in progress may still succeed. */
  end(reason: string): StoreUnavailableError {
    this.#end = this.#isCommitting ? new UnansweredCommitError(reason) : new StoreUnavailableError(reason);
    return this.#end;
  }

  /** Stops sending, because the connection goes to another user. */
  close(): void {
    this.#end ??= new StoreUnavailableError("the unit of work has ended");
  }

  /** Throws after `end`. */
  check(): void {
    if (this.#end !== undefined) throw this.#end;
  }

  #sendBegin(): void {
    if (this.#begin === undefined) return;
    this.#begun = this.#enqueue(this.#begin);
    this.#begun.catch(() => undefined);
    this.#begin = undefined;
  }

  #enqueue<R extends object>(text: string, values?: readonly unknown[]) {
    if (this.#client.pipeline) return this.#send<R>(text, values);
    const result = this.#last.then(() => this.#send<R>(text, values));
    this.#last = result.catch(() => undefined);
    return result;
  }

  async #send<R extends object>(text: string, values?: readonly unknown[]) {
    this.check();
    this.#cork();
    try {
      if (values === undefined) return await this.#client.query<R>(text);
      const name = this.#names?.of(text, values);
      return await this.#client.query<R>({ text, values: [...values], types, ...(name !== undefined && { name }) });
    } catch (error) {
      throw this.#classify(error);
    }
  }

  /** Holds back what is sent until the end of this turn. */
  #cork(): void {
    const stream = (this.#client as WithStream).connection?.stream;
    if (!this.#client.pipeline || this.#isCorked || stream?.cork === undefined) return;
    this.#isCorked = true;
    stream.cork();
    process.nextTick(() => {
      this.#isCorked = false;
      stream.uncork?.();
    });
  }

  #classify(error: unknown): Error {
    const { severity, code = "" } = error as { severity?: string; code?: string };
    if (severity === undefined) return new StoreUnavailableError(describe(error), { cause: error });
    const isWrongName = wrongNames.includes(code);
    if (this.#failure !== undefined && (code === alreadyFailed || isWrongName)) return this.#failure;
    if (isWrongName) this.#names?.turnOff();
    const failure = isWrongName
      ? new CollisionError("unknown name", { cause: error })
      : failureOf(error as Error, code);
    this.#failure ??= failure;
    return failure;
  }
}

function failureOf(error: Error, code: string): Error {
  if (collisions.includes(code)) return new CollisionError("collided", { cause: error });
  if (code === readOnly) return new ReadOnlyError(describe(error), { cause: error });
  const isOf = (prefixes: readonly string[]) => prefixes.some((prefix) => code.startsWith(prefix));
  if (isOf(failing) && code !== tooManyConnections) return new FailingDatabaseError(describe(error), { cause: error });
  return isOf(unavailable) ? new StoreUnavailableError(describe(error), { cause: error }) : error;
}

/** Whether the database answered with this error: the transaction has failed. */
function isAnswer(error: unknown): boolean {
  const { cause } = error as { cause?: { severity?: string } };
  return !(error instanceof StoreUnavailableError) || cause?.severity !== undefined;
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
