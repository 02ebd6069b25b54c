import type { KeptRequest, LoggedRequest } from "../../domain/logged-request.ts";
import type { Payment } from "../../domain/payment.ts";
import { worldTime } from "../../domain/world.ts";
import type { RealClock } from "../../platform/clock.ts";
import { withoutSecrets } from "../../security/redaction.ts";
import type { RequestOfWorld, Store, UnitOfWork } from "../../store/store.ts";
import type { Page, PartQuery } from "../payments/queries.ts";
import { type RequestMatch, type Verification, verifyRequests, type Wanted } from "./request-match.ts";

/** A request as it comes in; one that was kept before has its place already. */
export type NewRequest = Omit<LoggedRequest, "at" | "place"> & Partial<Pick<LoggedRequest, "at" | "place">>;

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
  /** In the order of the answers. One that has no place yet holds up those after it; one that gets none is nothing. */
  #waiting: (RequestOfWorld | Promise<RequestOfWorld | undefined>)[] = [];
  #writing: Promise<void> = Promise.resolve();
  #closed = false;
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
  async record(worlds: readonly string[], given: NewRequest): Promise<void> {
    this.#waiting.push(this.#place(worlds, withoutSecrets(given)));
    if (!this.#store.shared) return this.write();
    // The answer does not wait for it, but whoever reads the log here does.
    if (this.#waiting.length < waitingMax) this.#writeSoon();
    else void this.write().catch(this.#onDefect);
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

  /** Writes what has come in until now, after what is being written. */
  write(): Promise<void> {
    this.#cancelWrite?.();
    this.#cancelWrite = undefined;
    const written = this.#writing.then(() => this.#writeWaiting());
    this.#writing = written.catch(() => undefined);
    return written;
  }

  /** Writes what waiter, and nothing any more from then on. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.write();
  }

  #writeSoon(afterMs = batchMs): void {
    if (this.#closed) return;
    this.#cancelWrite ??= this.#clock.after(afterMs, () => void this.write().catch(this.#onDefect));
  }

  async #writeWaiting(): Promise<void> {
    const waiting = this.#waiting;
    this.#waiting = [];
    const batch = (await Promise.all(waiting)).filter((placed) => placed !== undefined);
    if (batch.length === 0) return;
    try {
      await this.#store.requests.append(batch);
    } catch (error) {
      if (!this.#store.isUnavailable(error)) throw error;
      this.#waiting = [...batch, ...this.#waiting].slice(-waitingMax);
      this.#writeSoon(retryMs);
    }
  }

  /** @returns nothing where the store cannot say where it belongs. */
  async #place(worlds: readonly string[], request: NewRequest): Promise<RequestOfWorld | undefined> {
    try {
      return await this.#store.atomically((unit) => this.#placed(unit, worlds, request), { readOnly: true });
    } catch (error) {
      if (!this.#store.isUnavailable(error)) this.#onDefect(error);
      return undefined;
    }
  }

  async #placed(
    unit: UnitOfWork,
    worlds: readonly string[],
    { paymentId, at, place, ...request }: NewRequest,
  ): Promise<RequestOfWorld> {
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
