import type { KeptRequest, LoggedRequest } from "../../domain/logged-request.ts";
import type { Payment } from "../../domain/payment.ts";
import { type World, worldTime } from "../../domain/world.ts";
import type { RealClock } from "../../platform/clock.ts";
import type { Turns } from "../../platform/turns.ts";
import { withoutSecrets } from "../../security/redaction.ts";
import type { RequestOfWorld, Store, UnitOfWork } from "../../store/store.ts";
import type { Page, PartQuery } from "../payments/queries.ts";
import { type ExpectedCount, type RequestMatch, type Verification, verifyRequests } from "./request-match.ts";

/** A request to record. */
export type NewRequest = Omit<LoggedRequest, "at" | "place" | "paymentId">;

/** The world whose log contains a request, and the place of the request in the timeline of its payment. */
export interface PlacedRequest extends Pick<RequestOfWorld, "processingAccountId" | "startTime"> {
  readonly entry: Pick<LoggedRequest, "at" | "place" | "paymentId">;
}

/** Maximum delay of a request in a shared log, where requests are written in batches. Milliseconds of real time. */
const batchMs = 100;
/** Time until the next try after a failed write, in milliseconds of real time. */
const retryMs = 1_000;
/** Maximum number of pending requests. While the database cannot be reached the oldest are dropped. */
const pendingMax = 1000;

/**
 * The last requests of each world: 1,000 and 8 MiB at most. Requests that belong to no world go to the demo world.
 * Secrets are removed before a request is written to a database, and from every request that is read.
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
   * @param place `undefined` for a request that had no unit of work: it goes to the log of the demo world.
   */
  async record(place: PlacedRequest | undefined, request: NewRequest): Promise<void> {
    if (place !== undefined && !this.#store.shared && this.#pending.length === 0) {
      return this.#store.requests.append([placed(place, request)]);
    }
    this.#pending.push(place === undefined ? this.#placeUnread(request) : this.#completed(place, request));
    if (!this.#store.shared) return this.write();
    // The response does not wait for the write, but reads of the log in this process do.
    if (this.#pending.length < pendingMax) this.#writeSoon();
    else void this.write().catch(this.#onDefect);
  }

  /**
   * Finds the place of a request, in its unit of work.
   * @param worlds its world, or the ids of worlds: then it belongs to the first that exists.
   */
  async placeIn(
    unit: UnitOfWork,
    worlds: World | readonly string[],
    {
      time,
      paymentId,
      eventCount,
    }: {
      readonly time: number;
      readonly paymentId: string | undefined;
      readonly eventCount?: number | undefined;
    },
  ): Promise<PlacedRequest> {
    const world = "clock" in worlds ? worlds : await this.#firstWorld(unit, worlds);
    const isCountedLater = this.#store.shared && eventCount === undefined;
    const isAbout = paymentId !== undefined;
    const place = isAbout && !isCountedLater ? (eventCount ?? (await countEvents(unit, paymentId))) : undefined;
    return {
      processingAccountId: world?.processingAccountId ?? this.#demoId,
      startTime: world?.startTime,
      entry: {
        at: world === undefined ? time : worldTime(world.clock, time),
        ...(isAbout && place !== 0 ? { paymentId } : {}),
        ...(place === undefined || place === 0 ? {} : { place }),
      },
    };
  }

  async #firstWorld(unit: UnitOfWork, ids: readonly string[]): Promise<World | undefined> {
    for (const id of [...ids, this.#demoId]) {
      const world = await unit.get("world", id);
      if (world !== undefined) return world;
    }
    return undefined;
  }

  /** A world's last requests, newest first. */
  async page(processingAccountId: string, { limit, cursor }: PartQuery): Promise<Page<KeptRequest>> {
    await this.write();
    const data = await this.#store.requests.page(processingAccountId, { limit: limit + 1, before: cursor });
    const end = data[limit - 1]?.sequence;
    const part = data.slice(0, limit).map(withoutSecrets);
    return data.length > limit && end !== undefined ? { data: part, end } : { data: part };
  }

  /** The recorded requests about a payment, oldest first. */
  async about({ processingAccountId, id }: Pick<Payment, "processingAccountId" | "id">): Promise<KeptRequest[]> {
    await this.write();
    return (await this.#store.requests.about(processingAccountId, id)).map(withoutSecrets);
  }

  /** All recorded requests of a world, newest first. */
  async all(processingAccountId: string): Promise<KeptRequest[]> {
    await this.write();
    return (await this.#store.requests.page(processingAccountId)).map(withoutSecrets);
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

  /** Counts the events of the payment, if its unit of work did not: the response does not wait for that. */
  #completed(place: PlacedRequest, request: NewRequest): RequestOfWorld | Promise<RequestOfWorld | undefined> {
    const { paymentId, place: count, at } = place.entry;
    const clean = withoutSecrets(request);
    if (paymentId === undefined || count !== undefined) return placed(place, clean);
    return this.#read((unit) => countEvents(unit, paymentId)).then((counted) => {
      if (counted === undefined) return undefined;
      const entry = counted === 0 ? { at } : { at, paymentId, place: counted };
      return placed({ ...place, entry }, clean);
    });
  }

  /** Places a request that had no unit of work. @returns `undefined` if the store cannot be read. */
  async #placeUnread(request: NewRequest): Promise<RequestOfWorld | undefined> {
    const { time } = request;
    const place = await this.#read((unit) => this.placeIn(unit, [], { time, paymentId: undefined }));
    return place && placed(place, withoutSecrets(request));
  }

  /** @returns `undefined` if the store cannot be read. */
  async #read<T>(work: (unit: UnitOfWork) => Promise<T>): Promise<T | undefined> {
    try {
      return await this.#store.atomically(work, { readOnly: true });
    } catch (error) {
      if (!this.#store.isUnavailable(error)) this.#onDefect(error);
      return undefined;
    }
  }
}

async function countEvents(unit: UnitOfWork, paymentId: string): Promise<number> {
  return (await unit.list("event", { paymentId })).length;
}

/** Adds the place to a new request. */
function placed({ processingAccountId, startTime, entry }: PlacedRequest, request: NewRequest): RequestOfWorld {
  return { processingAccountId, startTime, request: Object.assign(request, entry) };
}
