import type { Client } from "pg";

/** Says that the records cannot be reached in time. */
export class StoreUnavailableError extends Error {
  override readonly name = "StoreUnavailableError";
}

/** Says that the records can be read at most. */
export class ReadOnlyError extends StoreUnavailableError {}

/** Says that nobody knows whether a transaction was committed. */
export class UnansweredCommitError extends StoreUnavailableError {}

/** Says that two units cannot both have been first. */
export class CollisionError extends Error {}

/** What the database says where two units cannot both have been first: the work of one is done again. */
const collisions = ["40001", "40P01"];
/** Classes of errors that are the database's trouble and not this program's, and single ones of other classes. */
const troubles = ["08", "53", "57", "58", "XX", "25P03", "25P04", "55P03"];
/** What a database says that takes no writes. */
const readOnly = "25006";
/** What it says to what it has not, which may be serializable transactions because it stands by for another. */
const notThere = "0A000";

/** Sends statements to one connection, one after another, and tells trouble with it from what is wrong with a statement. */
export class Statements {
  readonly #client: Pick<Client, "query">;
  #last: Promise<unknown> = Promise.resolve();
  #isCommitting = false;
  #end: StoreUnavailableError | undefined;

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
    this.#isCommitting = true;
    const { command } = await this.#ask("COMMIT", []).catch((error: unknown) => {
      if (!(error instanceof StoreUnavailableError)) throw error;
      throw new UnansweredCommitError(error.message, { cause: error });
    });
    if (command === "ROLLBACK") throw new CollisionError("a statement of the transaction had failed");
  }

  /** Sends nothing any more. @returns what is wrong for whoever still waits: a commit under way may come through. */
  end(why: string): StoreUnavailableError {
    this.#end = this.#isCommitting ? new UnansweredCommitError(why) : new StoreUnavailableError(why);
    return this.#end;
  }

  /** Throws where nothing is sent any more. */
  check(): void {
    if (this.#end !== undefined) throw this.#end;
  }

  #ask<R extends object>(text: string, values: readonly unknown[]) {
    const asked = this.#last.then(() => this.#send<R>(text, values));
    this.#last = asked.catch(() => undefined);
    return asked;
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
      if (!troubles.some((trouble) => code.startsWith(trouble))) throw error;
      throw new StoreUnavailableError(describe(error), { cause: error });
    }
  }
}

/** Whether it asked for something that the database has not, at present or at all. */
export function isNotThere(error: unknown): boolean {
  return (error as { code?: string }).code === notThere;
}

/** What is wrong, in words. Of several addresses that were tried, the first. */
export function describe(error: unknown): string {
  const { errors, message, code } = error as { errors?: unknown[]; message?: string; code?: string };
  return message || (errors?.[0] === undefined ? (code ?? String(error)) : describe(errors[0]));
}
