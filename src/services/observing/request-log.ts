import type { KeptRequest, LoggedRequest } from "../../domain/logged-request.ts";
import type { Payment } from "../../domain/payment.ts";
import { worldTime } from "../../domain/world.ts";
import type { RealClock } from "../../platform/clock.ts";
import type { Turns } from "../../platform/turns.ts";
import { withoutSecrets } from "../../security/redaction.ts";
import type { RequestOfWorld, Store, UnitOfWork } from "../../store/store.ts";
import type { Page, PartQuery } from "../payments/queries.ts";
import { type ExpectedCount, type RequestMatch, type Verification, verifyRequests } from "./request-match.ts";

/** A request to record. A request that was recorded before already has its place. */
export type NewRequest = Omit<LoggedRequest, "at" | "place"> & Partial<Pick<LoggedRequest, "at" | "place">>;

/** Maximum delay of a request in a shared log, where requests are written in batches. Milliseconds of real time. */
const batchMs = 100;
/** Time until the next try after a failed write, in milliseconds of real time. */
const retryMs = 1_000;
/** Maximum number of pending requests. While the database cannot be reached the oldest are dropped. */
const pendingMax = 1000;

/**
 * The last requests of each world without secrets: 1,000 and 8 MiB at most. Requests that belong to no world go to the
 * demo world.
 */
export class RequestLog {
  readonly #store: Store;
  readonly #clock: RealClock;
  readonly #turns: Turns;
  readonly #demoId: string;
  readonly #onDefect: (error: unknown) => void;
  /** In the order of the responses. An entry without a place yet delays those after it; `undefined` is dropped. */
  #pending: (RequestOfWorld | Promise<RequestOfWorld | undefined>)[] = [];
  #writing: Promise<void> = Promise.resolve();
  #isClosed = false;
  #cancelWrite: (() => void) | undefined;

  constructor(store: Store, clock: RealClock, turns: Turns, demoId: string, onDefect: (error: unknown) => void) {
    this.#turns = turns;
    this.#onDefect = onDefect;
    this.#store = store;
    this.#clock = clock;
    this.#demoId = demoId;
  }

  /**
   * Records a request, at once or, in a shared log, within 200 ms. A record that the store cannot take is lost: the
   * request itself was already answered.
   * @param worlds the worlds that it may belong to: it goes to the first that exists.
   */
  async record(worlds: readonly string[], given: NewRequest): Promise<void> {
    this.#pending.push(this.#assign(worlds, withoutSecrets(given)));
    if (!this.#store.shared) return this.write();
    // The response does not wait for the write, but reads of the log in this process do.
    if (this.#pending.length < pendingMax) this.#writeSoon();
    else void this.write().catch(this.#onDefect);
  }

  /** A world's last requests, newest first. */
  async page(processingAccountId: string, { limit, cursor }: PartQuery): Promise<Page<KeptRequest>> {
    await this.write();
    const data = await this.#store.requests.page(processingAccountId, { limit: limit + 1, before: cursor });
    const end = data[limit - 1]?.sequence;
    return data.length > limit && end !== undefined ? { data: data.slice(0, limit), end } : { data };
  }

  /** The recorded requests about a payment, oldest first. */
  async about({ processingAccountId, id }: Pick<Payment, "processingAccountId" | "id">): Promise<KeptRequest[]> {
    await this.write();
    return this.#store.requests.about(processingAccountId, id);
  }

  /** All recorded requests of a world, newest first. */
  async all(processingAccountId: string): Promise<KeptRequest[]> {
    await this.write();
    return this.#store.requests.page(processingAccountId);
  }

  /** Counts a world's requests that match. */
  async verify(processingAccountId: string, match: RequestMatch, expected: ExpectedCount): Promise<Verification> {
    return verifyRequests(await this.all(processingAccountId), match, expected, this.#turns);
  }

  /** Removes the requests of one world, or all. */
  async forget(processingAccountId?: string): Promise<void> {
    await this.write();
    await this.#store.requests.forget(processingAccountId);
  }

  /** Replaces the requests of a world. @param requests oldest first. */
  async restore(processingAccountId: string, requests: readonly LoggedRequest[]): Promise<void> {
    await this.forget(processingAccountId);
    await this.#store.requests.append(
      requests.map((request) => ({ processingAccountId, request: withoutSecrets(request) })),
    );
  }

  /** Writes the pending requests, after the write under way. */
  write(): Promise<void> {
    this.#cancelWrite?.();
    this.#cancelWrite = undefined;
    const written = this.#writing.then(() => this.#writePending());
    this.#writing = written.catch(() => undefined);
    return written;
  }

  /** Writes the pending requests for the last time. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.write();
  }

  #writeSoon(afterMs = batchMs): void {
    if (this.#isClosed) return;
    this.#cancelWrite ??= this.#clock.after(afterMs, () => void this.write().catch(this.#onDefect));
  }

  async #writePending(): Promise<void> {
    const pending = this.#pending;
    this.#pending = [];
    const batch = (await Promise.all(pending)).filter((placed) => placed !== undefined);
    if (batch.length === 0) return;
    try {
      await this.#store.requests.append(batch);
    } catch (error) {
      if (!this.#store.isUnavailable(error)) throw error;
      this.#pending = [...batch, ...this.#pending].slice(-pendingMax);
      this.#writeSoon(retryMs);
    }
  }

  /** Finds the world of a request. @returns `undefined` if the store cannot be read. */
  async #assign(worlds: readonly string[], request: NewRequest): Promise<RequestOfWorld | undefined> {
    try {
      return await this.#store.atomically((unit) => this.#assignIn(unit, worlds, request), { readOnly: true });
    } catch (error) {
      if (!this.#store.isUnavailable(error)) this.#onDefect(error);
      return undefined;
    }
  }

  async #assignIn(
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
