import { accept, type Result, refuse } from "../../domain/refusal.ts";
import type { RealClock } from "../../platform/clock.ts";
import type { Change, Store } from "../../store/store.ts";
import type { RequestLog } from "./request-log.ts";

/** What a hint can be about. `scenario` is a world's queue, `request` a line of its request log. */
export type ChangedResource = "payment" | "refund" | "notification" | "world" | "scenario" | "request";

/** That something has changed: read it again. */
export interface ChangeHint {
  readonly resource: ChangedResource;
  /** Its id; that of the world for a world and its queue. */
  readonly id: string;
  /** Grows with every change in this process. */
  readonly version: number;
}

/** What a stream tells: where it begins (read everything), what has changed, or that nothing has for a while. */
export type StreamMessage =
  | { readonly kind: "hello"; readonly version: number }
  | { readonly kind: "changes"; readonly hints: readonly ChangeHint[] }
  | { readonly kind: "quiet" };

const resources: Readonly<Partial<Record<Change["kind"], ChangedResource>>> = {
  payment: "payment",
  refund: "refund",
  notification: "notification",
  world: "world",
  queued: "scenario",
  request: "request",
};

/** More than this many hints that were not taken become one `hello`. */
const pendingMax = 1000;
const quietMs = 15_000;

/** Tells whoever listens what has changed in a world. */
export class ChangeStreams {
  readonly #store: Store;
  readonly #clock: RealClock;
  readonly #requestLog: RequestLog;
  readonly #streams = new Map<string, Set<ChangeStream>>();
  readonly #unsubscribe: () => void;
  #version = 0;
  #closed = false;

  constructor(store: Store, clock: RealClock, requestLog: RequestLog) {
    this.#requestLog = requestLog;
    this.#store = store;
    this.#clock = clock;
    this.#unsubscribe = store.subscribe((changes) => {
      if (changes === "anything") this.#onAnything();
      else this.#onCommit(changes);
    });
  }

  /** Opens a stream of a world's hints; whoever opens it ends it. Refuses with `not_found`. */
  async open(processingAccountId: string): Promise<Result<ChangeStream>> {
    // What came before the stream is not told by it.
    await this.#requestLog.write();
    const streams = this.#streams.get(processingAccountId) ?? new Set();
    const stream = new ChangeStream(
      this.#clock,
      this.#store.shared,
      () => this.#version,
      () => {
        streams.delete(stream);
        if (streams.size === 0) this.#streams.delete(processingAccountId);
      },
    );
    this.#streams.set(processingAccountId, streams.add(stream));
    if (!this.#closed && (await this.#isGone(processingAccountId))) {
      stream.end();
      return refuse({ code: "not_found" });
    }
    if (this.#closed) stream.end();
    return accept(stream);
  }

  /** Ends all streams. */
  close(): void {
    this.#closed = true;
    this.#unsubscribe();
    for (const streams of [...this.#streams.values()]) for (const stream of [...streams]) stream.end();
  }

  #onCommit(changes: readonly Change[]): void {
    this.#version += 1;
    const worlds = new Set<string>();
    for (const { kind, key, processingAccountId } of changes) {
      const resource = resources[kind];
      if (resource === undefined || processingAccountId === undefined) continue;
      this.#hint(processingAccountId, resource, resource === "scenario" ? processingAccountId : key);
      if (resource === "world") worlds.add(processingAccountId);
    }
    for (const id of worlds) if (this.#streams.has(id)) void this.#endIfGone(id);
  }

  #onAnything(): void {
    this.#version += 1;
    for (const [id, streams] of this.#streams) {
      for (const stream of streams) stream.beginAnew();
      void this.#endIfGone(id);
    }
  }

  #hint(processingAccountId: string, resource: ChangedResource, id: string): void {
    for (const stream of this.#streams.get(processingAccountId) ?? []) {
      stream.add({ resource, id, version: this.#version });
    }
  }

  async #endIfGone(processingAccountId: string): Promise<void> {
    if (!(await this.#isGone(processingAccountId))) return;
    for (const stream of [...(this.#streams.get(processingAccountId) ?? [])]) stream.end();
  }

  #isGone(processingAccountId: string): Promise<boolean> {
    return this.#store
      .atomically((unit) => unit.get("world", processingAccountId))
      .then(
        (world) => world === undefined,
        // Where it cannot be known, whoever listens goes on.
        (error: unknown) => !this.#store.isUnavailable(error),
      );
  }
}

/** One listener's hints. Those that it has not taken yet are merged, so a slow one costs no more than a quick one. */
export class ChangeStream {
  readonly #clock: RealClock;
  readonly #isShared: boolean;
  readonly #version: () => number;
  readonly #onEnd: () => void;
  readonly #pending = new Map<string, ChangeHint>();
  #hello = true;
  #ended = false;
  #wake: () => void = () => undefined;

  /** @param isShared whether others change the same records: when it was quiet, a change may have gone unheard. */
  constructor(clock: RealClock, isShared: boolean, version: () => number, onEnd: () => void) {
    this.#isShared = isShared;
    this.#clock = clock;
    this.#version = version;
    this.#onEnd = onEnd;
  }

  /** Waits for the next thing to tell. @returns `undefined` at the end. */
  async next(): Promise<StreamMessage | undefined> {
    for (;;) {
      if (this.#hello) {
        this.#hello = false;
        return { kind: "hello", version: this.#version() };
      }
      if (this.#pending.size > 0) {
        const hints = [...this.#pending.values()];
        this.#pending.clear();
        return { kind: "changes", hints };
      }
      if (this.#ended) return undefined;
      if (!(await this.#isQuiet())) continue;
      if (!this.#isShared) return { kind: "quiet" };
      this.#hello = true;
    }
  }

  add(hint: ChangeHint): void {
    if (this.#hello || this.#ended) return;
    const key = `${hint.resource} ${hint.id}`;
    this.#pending.delete(key);
    this.#pending.set(key, hint);
    if (this.#pending.size > pendingMax) this.beginAnew();
    this.#wake();
  }

  /** What has changed is not known: everything is to be read again. */
  beginAnew(): void {
    this.#pending.clear();
    this.#hello = true;
    this.#wake();
  }

  /** What was not taken yet can still be taken. */
  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#onEnd();
    this.#wake();
  }

  /** Waits until there is something to tell. @returns whether nothing came for a while. */
  #isQuiet(): Promise<boolean> {
    return new Promise((resolve) => {
      const cancel = this.#clock.after(quietMs, () => resolve(true));
      this.#wake = () => {
        cancel();
        resolve(false);
      };
    });
  }
}
