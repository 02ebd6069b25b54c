import type { KeptRequest, LoggedRequest } from "../domain/logged-request.ts";
import type { Payment } from "../domain/payment.ts";
import { worldTime } from "../domain/world.ts";
import type { RealClock } from "../platform/clock.ts";
import { withoutSecrets } from "../security/redaction.ts";
import type { RequestOfWorld, Store, UnitOfWork } from "../store/store.ts";
import type { Page, PartQuery } from "./lists.ts";
import { type RequestMatch, type Verification, verifyRequests, type Wanted } from "./request-match.ts";

/** A request as it comes in; one that was kept before has its place already. */
export type NewRequest = Omit<LoggedRequest, "at" | "place"> & Partial<Pick<LoggedRequest, "at" | "place">>;

/** A request that knows where it belongs. */
interface PlacedRequest extends RequestOfWorld {
  /** When the world began, where there is one: in one that was put back meanwhile it has no place. */
  readonly startTime: number | undefined;
}

/** Where replicas share the log, requests are written together: so long they wait at most, in milliseconds of real time. */
const batchMs = 100;
/** How soon what could not be written is tried again, in milliseconds of real time. */
const retryMs = 1_000;
/** So many wait at most; while the database cannot be reached the oldest are given up. */
const waitingMax = 1000;

/** Keeps each world's last requests without secrets, 1,000 and 8 MiB at most. Those of no world stand under the demo world. */
export class RequestLog {
  readonly #store: Store;
  readonly #clock: RealClock;
  readonly #demoId: string;
  readonly #onDefect: (error: unknown) => void;
  #waiting: PlacedRequest[] = [];
  #writing: Promise<void> = Promise.resolve();
  #closed = false;
  readonly #placing = new Set<Promise<void>>();
  #cancelWrite: (() => void) | undefined;

  constructor(store: Store, clock: RealClock, demoId: string, onDefect: (error: unknown) => void) {
    this.#onDefect = onDefect;
    this.#store = store;
    this.#clock = clock;
    this.#demoId = demoId;
  }

  /**
   * Keeps a request, at once or, where replicas share the log, within 200 ms. What the store cannot take is lost: the
   * request itself was answered.
   * @param worlds the worlds that it may belong to: it stands under the first that is there.
   */
  record(worlds: readonly string[], given: NewRequest): Promise<void> {
    const recorded = this.#record(worlds, given);
    if (!this.#store.shared) return recorded;
    // The answer does not wait for it, but whoever reads the log here does.
    const placing = recorded.catch(this.#onDefect).finally(() => this.#placing.delete(placing));
    this.#placing.add(placing);
    return Promise.resolve();
  }

  async #record(worlds: readonly string[], given: NewRequest): Promise<void> {
    try {
      const inUnit = (unit: UnitOfWork) => this.#placed(unit, worlds, withoutSecrets(given));
      const placed = await this.#store.atomically(inUnit, { loose: true });
      this.#waiting.push(placed);
      if (!this.#store.shared || this.#waiting.length >= waitingMax) return await this.#writeNow();
      this.#writeSoon();
    } catch (error) {
      if (!this.#store.isUnavailable(error)) throw error;
    }
  }

  /** A world's last requests, newest first. */
  async page(processingAccountId: string, { limit, cursor }: PartQuery): Promise<Page<KeptRequest>> {
    await this.write();
    const data = await this.#store.requests.page(processingAccountId, { limit: limit + 1, before: cursor });
    const end = data[limit - 1]?.sequence;
    return data.length > limit && end !== undefined ? { data: data.slice(0, limit), end } : { data };
  }

  /** What is kept of the requests about a payment, oldest first. */
  async about({ processingAccountId, id }: Pick<Payment, "processingAccountId" | "id">): Promise<KeptRequest[]> {
    await this.write();
    return this.#store.requests.about(processingAccountId, id);
  }

  /** All that is kept of a world, newest first. */
  async all(processingAccountId: string): Promise<KeptRequest[]> {
    await this.write();
    return this.#store.requests.page(processingAccountId);
  }

  /** Counts a world's requests that match. */
  async verify(processingAccountId: string, match: RequestMatch, wanted: Wanted): Promise<Verification> {
    return verifyRequests(await this.all(processingAccountId), match, wanted);
  }

  /** Forgets a world's requests, or all. */
  async forget(processingAccountId?: string): Promise<void> {
    await this.write();
    await this.#store.requests.forget(processingAccountId);
  }

  /** Puts back the requests of a world, oldest first. */
  async restore(processingAccountId: string, requests: readonly LoggedRequest[]): Promise<void> {
    await this.forget(processingAccountId);
    await this.#store.requests.append(
      requests.map((request) => ({ processingAccountId, request: withoutSecrets(request) })),
    );
  }

  /** Writes what has come in until now. */
  async write(): Promise<void> {
    await Promise.all(this.#placing);
    await this.#writeNow();
  }

  /** Writes what waits, and nothing any more from then on. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.write();
  }

  #writeSoon(afterMs = batchMs): void {
    if (this.#closed) return;
    this.#cancelWrite ??= this.#clock.after(afterMs, () => void this.#writeNow().catch(this.#onDefect));
  }

  /** Writes what waits, after what is being written. */
  #writeNow(): Promise<void> {
    this.#cancelWrite?.();
    this.#cancelWrite = undefined;
    const written = this.#writing.then(() => this.#writeWaiting());
    this.#writing = written.catch(() => undefined);
    return written;
  }

  async #writeWaiting(): Promise<void> {
    const batch = this.#waiting;
    if (batch.length === 0) return;
    this.#waiting = [];
    try {
      await this.#store.requests.append(this.#store.shared ? await this.#stillPlaced(batch) : batch);
    } catch (error) {
      if (!this.#store.isUnavailable(error)) throw error;
      this.#waiting = [...batch, ...this.#waiting].slice(-waitingMax);
      this.#writeSoon(retryMs);
    }
  }

  /** Those whose world was not put back to the start since. */
  #stillPlaced(batch: readonly PlacedRequest[]): Promise<PlacedRequest[]> {
    return this.#store.atomically(async (unit) => {
      const starts = new Map<string, number | undefined>();
      for (const id of new Set(batch.map((placed) => placed.processingAccountId))) {
        starts.set(id, (await unit.get("world", id))?.startTime);
      }
      return batch.filter(({ processingAccountId, startTime }) => starts.get(processingAccountId) === startTime);
    });
  }

  async #placed(
    unit: UnitOfWork,
    worlds: readonly string[],
    { paymentId, at, place, ...request }: NewRequest,
  ): Promise<PlacedRequest> {
    const named = await Promise.all(worlds.map((id) => unit.get("world", id)));
    const world = named.find((known) => known !== undefined) ?? (await unit.get("world", this.#demoId));
    const payment = paymentId === undefined ? undefined : await unit.get("payment", paymentId);
    const events = payment === undefined ? [] : await unit.list("event", { paymentId: payment.id });
    return {
      processingAccountId: world?.processingAccountId ?? this.#demoId,
      startTime: world?.startTime,
      request: {
        ...request,
        at: at ?? (world === undefined ? request.time : worldTime(world.clock, request.time)),
        ...(payment === undefined ? {} : { paymentId, place: place ?? events.length }),
      },
    };
  }
}
