import type { Client } from "pg";
import type { RealClock } from "../../platform/clock.ts";
import type { Change } from "../store.ts";
import { Statements, StoreUnavailableError } from "./statements.ts";

/** Notifications go out at most 50 times a second, each with all that has changed meanwhile. */
const spaceMs = 20;
/** How often it says something to itself, to know whether it can be heard. */
const beatMs = 1_000;
/** So long without its own voice it counts as deaf. */
const deafAfterMs = 2_500;
/** The database takes less than 8,000 bytes in one notification. */
const payloadMaxBytes = 7_999;

/** What one replica tells the others: what has changed, if something has, or that anything may have. */
interface FeedMessage {
  readonly from: string;
  readonly changes: readonly FeedChange[] | "anything";
}

type FeedChange = readonly [kind: string, key: string, processingAccountId?: string];

/** What the feed stands on. */
export interface FeedParts {
  readonly connect: () => Promise<Client>;
  readonly channel: string;
  /** By what this process knows its own notifications. */
  readonly from: string;
  readonly clock: Pick<RealClock, "now" | "after">;
  /** Hears what was changed elsewhere. */
  readonly onNews: (changes: readonly Change[] | "anything") => void;
}

/**
 * Tells the other replicas what was changed here, after the commit, and hears what was changed there, on a connection of
 * its own. While it cannot be sure to hear everything it says each second that anything may have changed.
 */
export class Feed {
  readonly #parts: FeedParts;
  readonly #pending = new Map<string, FeedChange>();
  #anything = false;
  #client: Client | undefined;
  /** Absent while it does not begin to listen. */
  #listening: Promise<void> | undefined;
  #sentTime = 0;
  #heardTime = 0;
  #cancelSend: (() => void) | undefined;
  #cancelBeat: () => void = () => undefined;
  #stopped = false;
  /** Absent while nothing is being sent. */
  #sending: Promise<void> | undefined;

  constructor(parts: FeedParts) {
    this.#parts = parts;
  }

  /** Listens on a connection that is there; from then on it goes by itself. */
  async start(client: Client): Promise<void> {
    await this.#listen(client);
    this.#armBeat();
  }

  /** Sends what changed, a moment later and together with what else changes. */
  tell(changes: readonly Change[]): void {
    for (const { kind, key, processingAccountId } of changes) {
      const told: FeedChange = processingAccountId === undefined ? [kind, key] : [kind, key, processingAccountId];
      this.#pending.set(JSON.stringify(told), told);
    }
    this.#armSend();
  }

  /**
   * Does on its connection what must not wait for others; where that does not answer, again on a new one.
   * @returns what came of it; nothing where there is no connection.
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
    this.#cancelBeat();
    this.#cancelSend?.();
    await this.#sending;
    if (this.#pending.size > 0) await this.#send();
    const client = this.#client;
    this.#drop();
    await client?.end().catch(() => undefined);
  }

  #armSend(): void {
    if (this.#cancelSend !== undefined || this.#sending !== undefined || this.#stopped) return;
    const waitMs = Math.max(this.#sentTime + spaceMs - this.#parts.clock.now(), 0);
    this.#cancelSend = this.#parts.clock.after(waitMs, () => {
      this.#cancelSend = undefined;
      void this.#send();
    });
  }

  /** Sends what waits; what comes meanwhile goes together, after it. */
  #send(): Promise<void> {
    this.#sending ??= this.#sendPending().finally(() => {
      this.#sending = undefined;
      if (this.#pending.size > 0) this.#armSend();
    });
    return this.#sending;
  }

  async #sendPending(): Promise<void> {
    this.#sentTime = this.#parts.clock.now();
    const payload = this.#payload();
    this.#pending.clear();
    this.#anything = false;
    const sent = await this.#query("SELECT pg_notify($1, $2)", [this.#parts.channel, payload]);
    // What could not be sent is made up for as soon as it can be: the others do not know what they have missed.
    if (!sent) this.#anything = true;
  }

  /** All that waits, in one notification; where it has no room for that, it says that anything may have changed. */
  #payload(): string {
    const { from } = this.#parts;
    const changes = this.#anything ? "anything" : [...this.#pending.values()];
    const told = JSON.stringify({ from, changes } satisfies FeedMessage);
    const fits = Buffer.byteLength(told) <= payloadMaxBytes;
    return fits ? told : JSON.stringify({ from, changes: "anything" } satisfies FeedMessage);
  }

  #armBeat(): void {
    if (this.#stopped) return;
    this.#cancelBeat = this.#parts.clock.after(beatMs, () => {
      void this.#beat().finally(() => this.#armBeat());
    });
  }

  async #beat(): Promise<void> {
    if (this.#client === undefined) await this.#listen();
    const isDeaf = this.#parts.clock.now() - this.#heardTime > deafAfterMs;
    if (isDeaf) this.#parts.onNews("anything");
    this.#armSend();
  }

  /** Listens on a connection that is there, or on a new one, of which there is one at a time. */
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
      client.on("notification", ({ payload = "" }) => this.#hear(payload));
      await client.query(`LISTEN "${this.#parts.channel}"`);
      // Until now nothing was heard.
      this.#parts.onNews("anything");
      await this.#sending;
      await this.#send();
      // A program may end without having closed its sandbox. The driver has this, its types do not.
      (client as unknown as { unref(): void }).unref();
    } catch {
      this.#drop();
    }
  }

  #hear(payload: string): void {
    const told = read(payload);
    if (told?.from === this.#parts.from) this.#heardTime = this.#parts.clock.now();
    else if (told === undefined || told.changes === "anything") this.#parts.onNews("anything");
    else if (told.changes.length > 0) this.#parts.onNews(told.changes);
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
    this.#heardTime = 0;
    client?.end().catch(() => undefined);
  }
}

/** @returns nothing where it is not understood: another version may tell it otherwise, and anybody may use the channel. */
function read(
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
