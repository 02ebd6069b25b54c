import type { Client } from "pg";
import type { RealClock } from "../../platform/clock.ts";
import type { Change } from "../store.ts";
import { Statements, StoreUnavailableError } from "./statements.ts";

/** Minimum interval between notifications, in milliseconds. Each one contains all changes since the last one. */
const sendIntervalMs = 20;
/** Interval between the heartbeats that the feed sends to itself, in milliseconds. */
const heartbeatMs = 1_000;
/** The listener counts as broken after this long without its own heartbeat, in milliseconds. */
const brokenAfterMs = 2_500;
/** Maximum size of a notification of PostgreSQL, in bytes. */
const payloadMaxBytes = 7_999;

/** Minimum size of a change in a notification, in bytes: quotes, brackets and commas. */
const changeMinBytes = 8;

/** A message to the other replicas: changes, an empty list as a heartbeat, or `anything` if changes are unknown. */
interface FeedMessage {
  readonly from: string;
  readonly changes: readonly FeedChange[] | "anything";
}

type FeedChange = readonly [kind: string, key: string, processingAccountId?: string];

/** The dependencies of a feed. */
export interface FeedParts {
  readonly connect: () => Promise<Client>;
  readonly channel: string;
  /** The id of this process: a feed recognises its own messages by it. */
  readonly from: string;
  readonly clock: Pick<RealClock, "now" | "after">;
  /** Receives the changes of other processes. */
  readonly onChanges: (changes: readonly Change[] | "anything") => void;
}

/**
 * Sends the changes of this process to other replicas, and receives theirs, on a connection of its own. While its
 * listener is broken, it reports `anything` every second.
 */
export class Feed {
  readonly #parts: FeedParts;
  readonly #pending = new Map<string, FeedChange>();
  #anything = false;
  #client: Client | undefined;
  /** Present while a LISTEN is in progress. */
  #listening: Promise<void> | undefined;
  #sentTime = 0;
  #heartbeatTime = 0;
  #cancelSend: (() => void) | undefined;
  #cancelHeartbeat: () => void = () => undefined;
  #stopped = false;
  /** Present while a notification is being sent. */
  #sending: Promise<void> | undefined;

  constructor(parts: FeedParts) {
    this.#parts = parts;
  }

  /** Listens on the connection. The feed replaces it if it breaks. */
  async start(client: Client): Promise<void> {
    await this.#listen(client);
    this.#scheduleHeartbeat();
  }

  /** Sends the changes after a short delay, together with later ones. */
  publish(changes: readonly Change[]): void {
    const isTooLong = changes.length > payloadMaxBytes / changeMinBytes;
    this.#anything ||= isTooLong;
    for (const { kind, key, processingAccountId } of isTooLong ? changes.slice(0, 1) : changes) {
      const change: FeedChange = processingAccountId === undefined ? [kind, key] : [kind, key, processingAccountId];
      this.#pending.set(JSON.stringify(change), change);
    }
    this.#scheduleSend();
  }

  /**
   * Runs work that must not wait for the pool on the connection of the feed, and once more on a new one if that fails.
   * @returns the result, or `undefined` if there is no connection.
   */
  async use<T>(work: (statements: Statements) => Promise<T>): Promise<{ readonly value: T } | undefined> {
    for (let tries = 0; tries < 2; tries += 1) {
      if (this.#client === undefined && tries > 0) await this.#listen();
      const client = this.#client;
      if (client === undefined) return undefined;
      try {
        return { value: await work(new Statements(client)) };
      } catch (error) {
        if (!(error instanceof StoreUnavailableError)) throw error;
        this.#drop(client);
      }
    }
    return undefined;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancelHeartbeat();
    this.#cancelSend?.();
    await this.#sending;
    if (this.#pending.size > 0) await this.#send();
    const client = this.#client;
    this.#drop();
    await client?.end().catch(() => undefined);
  }

  #scheduleSend(): void {
    if (this.#cancelSend !== undefined || this.#sending !== undefined || this.#stopped) return;
    const waitMs = Math.max(this.#sentTime + sendIntervalMs - this.#parts.clock.now(), 0);
    this.#cancelSend = this.#parts.clock.after(waitMs, () => {
      this.#cancelSend = undefined;
      void this.#send();
    });
  }

  /** Sends the pending changes. Changes that are added meanwhile are sent next. */
  #send(): Promise<void> {
    this.#sending ??= this.#sendPending().finally(() => {
      this.#sending = undefined;
      if (this.#pending.size > 0) this.#scheduleSend();
    });
    return this.#sending;
  }

  async #sendPending(): Promise<void> {
    this.#sentTime = this.#parts.clock.now();
    const payload = this.#payload();
    this.#pending.clear();
    this.#anything = false;
    const sent = await this.#query("SELECT pg_notify($1, $2)", [this.#parts.channel, payload]);
    // The other replicas do not know what they missed: the next message says so.
    if (!sent) this.#anything = true;
  }

  /** Returns the message with the pending changes; if it is too long, with `anything`. */
  #payload(): string {
    const { from } = this.#parts;
    const changes = this.#anything ? "anything" : [...this.#pending.values()];
    const message = JSON.stringify({ from, changes } satisfies FeedMessage);
    const fits = Buffer.byteLength(message) <= payloadMaxBytes;
    return fits ? message : JSON.stringify({ from, changes: "anything" } satisfies FeedMessage);
  }

  #scheduleHeartbeat(): void {
    if (this.#stopped) return;
    this.#cancelHeartbeat = this.#parts.clock.after(heartbeatMs, () => {
      void this.#heartbeat().finally(() => this.#scheduleHeartbeat());
    });
  }

  async #heartbeat(): Promise<void> {
    if (this.#client === undefined) await this.#listen();
    const isBroken = this.#parts.clock.now() - this.#heartbeatTime > brokenAfterMs;
    if (isBroken) this.#parts.onChanges("anything");
    this.#scheduleSend();
  }

  /** Listens on the given connection or on a new one, unless a LISTEN is in progress. */
  #listen(given?: Client): Promise<void> {
    this.#listening ??= this.#listenOn(given).finally(() => {
      this.#listening = undefined;
    });
    return this.#listening;
  }

  async #listenOn(given?: Client): Promise<void> {
    try {
      const client = given ?? (await this.#parts.connect());
      if (this.#stopped) return await client.end();
      this.#client = client;
      client.on("error", () => this.#drop(client));
      client.on("end", () => this.#drop(client));
      client.on("notification", ({ payload = "" }) => this.#receive(payload));
      await client.query(`LISTEN "${this.#parts.channel}"`);
      // Earlier changes were missed.
      this.#parts.onChanges("anything");
      await this.#sending;
      await this.#send();
      // Lets a program end without closing its sandbox. The driver has this method, its types do not.
      (client as unknown as { unref(): void }).unref();
    } catch {
      this.#drop();
    }
  }

  #receive(payload: string): void {
    const message = parse(payload);
    if (message?.from === this.#parts.from) this.#heartbeatTime = this.#parts.clock.now();
    else if (message === undefined || message.changes === "anything") this.#parts.onChanges("anything");
    else if (message.changes.length > 0) this.#parts.onChanges(message.changes);
  }

  async #query(text: string, values: readonly unknown[]): Promise<boolean> {
    const client = this.#client;
    if (client === undefined) return false;
    try {
      await client.query(text, [...values]);
      return true;
    } catch {
      this.#drop(client);
      return false;
    }
  }

  #drop(client = this.#client): void {
    if (client !== this.#client) return;
    this.#client = undefined;
    this.#heartbeatTime = 0;
    client?.end().catch(() => undefined);
  }
}

/** @returns `undefined` for a message of another format: another version may use it, and every client may notify. */
function parse(
  payload: string,
): { readonly from: string; readonly changes: readonly Change[] | "anything" } | undefined {
  try {
    const { from, changes } = JSON.parse(payload) as FeedMessage;
    return { from, changes: changes === "anything" ? changes : changes.map(changeOf) };
  } catch {
    return undefined;
  }
}

function changeOf([kind, key, processingAccountId]: FeedChange): Change {
  return { kind: kind as Change["kind"], key, processingAccountId };
}
