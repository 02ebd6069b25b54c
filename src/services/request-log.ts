import type { Payment } from "../domain/payment.ts";
import type { Strike } from "../domain/scenario.ts";
import { worldTime } from "../domain/world.ts";
import { withoutSecrets } from "../security/redaction.ts";
import type { Store, UnitOfWork } from "../store/store.ts";
import type { Page, PartQuery } from "./lists.ts";
import { type RequestMatch, type Verification, verifyRequests, type Wanted } from "./request-match.ts";
import type { SignatureVerdict } from "./signatures.ts";

/** A request to the provider's API, and what came of it. */
export interface LoggedRequest {
  /** Real time, in milliseconds. */
  readonly time: number;
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  readonly status: number;
  readonly durationMs: number;
  /** How the signature was judged; absent where the request did not get that far. */
  readonly signature?: SignatureVerdict | undefined;
  readonly diagnosis?: string | undefined;
  /** The scenario that struck it. */
  readonly scenario?: Strike | undefined;
  readonly body: string;
  /** What was answered, the first 4 KiB. */
  readonly answer: string;
  /** The payment that it made or that its path names. */
  readonly paymentId?: string | undefined;
  /** What time it was in the world under which it stands, in milliseconds. */
  readonly at: number;
  /** How many events the payment had by then: where it stands among them, for many share one instant. */
  readonly place?: number | undefined;
}

/** A request as it comes in; one that was kept before has its place already. */
export type NewRequest = Omit<LoggedRequest, "at" | "place"> & Partial<Pick<LoggedRequest, "at" | "place">>;

/** A request with its place in the log of its world: the first one has 1. */
export interface KeptRequest extends LoggedRequest {
  readonly sequence: number;
}

interface WorldLog {
  /** Oldest first. */
  readonly requests: KeptRequest[];
  bytes: number;
  sequence: number;
}

const requestsMax = 1000;
const bytesMax = 8 * 1024 * 1024;
/** All worlds together; then the world that was written to longest ago is forgotten. */
const allBytesMax = 64 * 1024 * 1024;

/** Keeps each world's last requests without secrets, 1,000 and 8 MiB at most. Those of no world stand under the demo world. */
export class RequestLog {
  readonly #store: Store;
  readonly #demoId: string;
  readonly #worlds = new Map<string, WorldLog>();
  readonly #listeners = new Set<(processingAccountId: string, sequence: number) => void>();
  #bytes = 0;

  constructor(store: Store, demoId: string) {
    this.#store = store;
    this.#demoId = demoId;
  }

  /** @param worlds the worlds that it may belong to: it stands under the first that is there. */
  async record(worlds: readonly string[], given: NewRequest): Promise<void> {
    const { id, request } = await this.#store.atomically((unit) => this.#placed(unit, worlds, withoutSecrets(given)));
    const log = this.#worlds.get(id) ?? { requests: [], bytes: 0, sequence: 0 };
    this.#worlds.delete(id);
    this.#worlds.set(id, log);
    log.sequence += 1;
    log.requests.push({ ...request, sequence: log.sequence });
    log.bytes += sizeOf(request);
    this.#bytes += sizeOf(request);
    while (log.requests.length > requestsMax || log.bytes > bytesMax) {
      const dropped = log.requests.shift();
      if (dropped === undefined) break;
      log.bytes -= sizeOf(dropped);
      this.#bytes -= sizeOf(dropped);
    }
    for (const oldest of this.#worlds.keys()) {
      if (this.#bytes <= allBytesMax) break;
      this.forget(oldest);
    }
    for (const listener of this.#listeners) listener(id, log.sequence);
  }

  /** Hears of each request after it was recorded. @returns a function that ends the subscription. */
  subscribe(listener: (processingAccountId: string, sequence: number) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** A world's last requests, newest first. */
  page(processingAccountId: string, { limit, cursor }: PartQuery): Page<KeptRequest> {
    const data = this.all(processingAccountId).filter(({ sequence }) => cursor === undefined || sequence < cursor);
    const end = data[limit - 1]?.sequence;
    return data.length > limit && end !== undefined ? { data: data.slice(0, limit), end } : { data };
  }

  /** What is kept of the requests about a payment, oldest first. */
  about({ processingAccountId, id }: Pick<Payment, "processingAccountId" | "id">): KeptRequest[] {
    return (this.#worlds.get(processingAccountId)?.requests ?? []).filter(({ paymentId }) => paymentId === id);
  }

  /** All that is kept of a world, newest first. */
  all(processingAccountId: string): KeptRequest[] {
    return (this.#worlds.get(processingAccountId)?.requests ?? []).toReversed();
  }

  /** Counts a world's requests that match. */
  verify(processingAccountId: string, match: RequestMatch, wanted: Wanted): Verification {
    return verifyRequests(this.all(processingAccountId), match, wanted);
  }

  /** Forgets a world's requests, or all. */
  forget(processingAccountId?: string): void {
    for (const id of processingAccountId === undefined ? [...this.#worlds.keys()] : [processingAccountId]) {
      this.#bytes -= this.#worlds.get(id)?.bytes ?? 0;
      this.#worlds.delete(id);
    }
  }

  async #placed(
    unit: UnitOfWork,
    worlds: readonly string[],
    { paymentId, at, place, ...request }: NewRequest,
  ): Promise<{ readonly id: string; readonly request: LoggedRequest }> {
    const named = await Promise.all(worlds.map((id) => unit.get("world", id)));
    const world = named.find((known) => known !== undefined) ?? (await unit.get("world", this.#demoId));
    const payment = paymentId === undefined ? undefined : await unit.get("payment", paymentId);
    const events = payment === undefined ? [] : await unit.list("event", { paymentId: payment.id });
    return {
      id: world?.processingAccountId ?? this.#demoId,
      request: {
        ...request,
        at: at ?? (world === undefined ? request.time : worldTime(world.clock, request.time)),
        ...(payment === undefined ? {} : { paymentId, place: place ?? events.length }),
      },
    };
  }
}

function sizeOf({ body, answer, target, diagnosis = "" }: LoggedRequest): number {
  return 2 * (body.length + answer.length + target.length + diagnosis.length);
}
