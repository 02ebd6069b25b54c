import { accept, type Result, refuse } from "../../domain/refusal.ts";
import type { RealClock } from "../../platform/clock.ts";
import type { Change, Store } from "../../store/store.ts";
import type { RequestLog } from "./request-log.ts";

/** The kind of resource that a hint names. `scenario` is a world's queue, `request` an entry of its request log. */
export type ChangedResource = "payment" | "refund" | "notification" | "world" | "scenario" | "request";

/** A resource that has changed: clients read it again. */
export interface ChangeHint {
  readonly resource: ChangedResource;
  /** The id of the resource; for a world and its queue the id of the world. */
  readonly id: string;
  /** Increases with every change in this process. */
  readonly version: number;
}

/** A message of a stream: the start (clients read everything), changes, or silence for a while. */
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

/** Maximum number of pending hints. Beyond it, one `hello` replaces them. */
const pendingMax = 1000;
/** Time without changes after which a stream sends a message, in milliseconds of real time. */
const quietMs = 15_000;

/** Streams of the changes in a world. */
export class ChangeStreams {
  readonly #store: Store;
  readonly #clock: RealClock;
  readonly #requestLog: RequestLog;
  readonly #streams = new Map<string, Set<ChangeStream>>();
  readonly #unsubscribe: () => void;
  #version = 0;
  #isClosed = false;

  constructor(store: Store, clock: RealClock, requestLog: RequestLog) {
    this.#requestLog = requestLog;
    this.#store = store;
    this.#clock = clock;
    this.#unsubscribe = store.subscribe((changes) => {
      if (changes === "anything") this.#onUnknownChanges();
      else this.#onCommit(changes);
    });
  }

  /** Opens a stream of a world's hints. The caller must end it. Refuses with `not_found`. */
  async open(processingAccountId: string): Promise<Result<ChangeStream>> {
    // Requests from before the stream are written first, so that it has no hints of them.
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
    if (!this.#isClosed && (await this.#isRemoved(processingAccountId))) {
      stream.end();
      return refuse({ code: "not_found" });
    }
    if (this.#isClosed) stream.end();
    return accept(stream);
  }

  /** Ends all streams. */
  close(): void {
    this.#isClosed = true;
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
    for (const id of worlds) if (this.#streams.has(id)) void this.#endIfRemoved(id);
  }

  #onUnknownChanges(): void {
    this.#version += 1;
    for (const [id, streams] of this.#streams) {
      for (const stream of streams) stream.restart();
      void this.#endIfRemoved(id);
    }
  }

  #hint(processingAccountId: string, resource: ChangedResource, id: string): void {
    for (const stream of this.#streams.get(processingAccountId) ?? []) {
      stream.add({ resource, id, version: this.#version });
    }
  }

  async #endIfRemoved(processingAccountId: string): Promise<void> {
    if (!(await this.#isRemoved(processingAccountId))) return;
    for (const stream of [...(this.#streams.get(processingAccountId) ?? [])]) stream.end();
  }

  #isRemoved(processingAccountId: string): Promise<boolean> {
    return this.#store
      .atomically((unit) => unit.get("world", processingAccountId))
      .then(
        (world) => world === undefined,
        // While the store cannot be reached, the stream goes on.
        (error: unknown) => !this.#store.isUnavailable(error),
      );
  }
}

/** The hints for one client. Pending hints are merged, so a slow client costs no more than a fast one. */
export class ChangeStream {
  readonly #clock: RealClock;
  readonly #isShared: boolean;
  readonly #version: () => number;
  readonly #onEnd: () => void;
  readonly #pending = new Map<string, ChangeHint>();
  #isHelloDue = true;
  #isEnded = false;
  #wake: () => void = () => undefined;

  /** @param isShared whether other processes share the store: then a change may be missed during silence. */
  constructor(clock: RealClock, isShared: boolean, version: () => number, onEnd: () => void) {
    this.#isShared = isShared;
    this.#clock = clock;
    this.#version = version;
    this.#onEnd = onEnd;
  }

  /** Waits for the next message. @returns `undefined` at the end. */
  async next(): Promise<StreamMessage | undefined> {
    for (;;) {
      if (this.#isHelloDue) {
        this.#isHelloDue = false;
        return { kind: "hello", version: this.#version() };
      }
      if (this.#pending.size > 0) {
        const hints = [...this.#pending.values()];
        this.#pending.clear();
        return { kind: "changes", hints };
      }
      if (this.#isEnded) return undefined;
      if (!(await this.#isQuiet())) continue;
      if (!this.#isShared) return { kind: "quiet" };
      this.#isHelloDue = true;
    }
  }

  add(hint: ChangeHint): void {
    if (this.#isHelloDue || this.#isEnded) return;
    const key = `${hint.resource} ${hint.id}`;
    this.#pending.delete(key);
    this.#pending.set(key, hint);
    if (this.#pending.size > pendingMax) this.restart();
    this.#wake();
  }

  /** Starts again with `hello`, after unknown changes: the client has to read everything. */
  restart(): void {
    this.#pending.clear();
    this.#isHelloDue = true;
    this.#wake();
  }

  /** Ends the stream. Pending hints can still be read. */
  end(): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#onEnd();
    this.#wake();
  }

  /** Waits for a change. @returns true after a while without changes. */
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
