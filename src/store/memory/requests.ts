import {
  type KeptRequest,
  type LoggedRequest,
  requestSize,
  requestsMax,
  requestsMaxBytes,
} from "../../domain/logged-request.ts";
import type { Change, RequestOfWorld, RequestTable } from "../store.ts";

/** The log of a world. Its sequences have no gaps. */
class WorldLog {
  /** Oldest first, from `#start`. The places before it are empty. */
  #requests: (LoggedRequest | undefined)[] = [];
  /** The sizes of the requests, in bytes. */
  #sizes: number[] = [];
  #start = 0;
  #sequence = 0;
  bytes = 0;

  /** Adds a request, and drops the oldest ones of a full log. @returns its sequence. */
  add(request: LoggedRequest): number {
    this.#sequence += 1;
    const size = requestSize(request);
    this.#requests.push(request);
    this.#sizes.push(size);
    this.bytes += size;
    while (this.#requests.length - this.#start > requestsMax || this.bytes > requestsMaxBytes) this.#dropOldest();
    return this.#sequence;
  }

  /** Returns at most `limit` requests before a sequence, newest first. */
  page(before: number, limit: number): KeptRequest[] {
    const count = this.#requests.length - this.#start;
    const later = Math.max(0, this.#sequence + 1 - Math.max(before, 0));
    const end = this.#requests.length - Math.min(count, later);
    const kept: KeptRequest[] = [];
    for (let place = end - 1; place >= Math.max(this.#start, end - limit); place -= 1) kept.push(this.#at(place));
    return kept;
  }

  about(paymentId: string): KeptRequest[] {
    const kept: KeptRequest[] = [];
    for (let place = this.#start; place < this.#requests.length; place += 1) {
      if (this.#requests[place]?.paymentId === paymentId) kept.push(this.#at(place));
    }
    return kept;
  }

  #at(place: number): KeptRequest {
    const sequence = this.#sequence + 1 - this.#requests.length + place;
    return { sequence, ...(this.#requests[place] as LoggedRequest) };
  }

  #dropOldest(): void {
    this.bytes -= this.#sizes[this.#start] as number;
    this.#requests[this.#start] = undefined;
    this.#start += 1;
    if (this.#start < requestsMax) return;
    this.#requests = this.#requests.slice(this.#start);
    this.#sizes = this.#sizes.slice(this.#start);
    this.#start = 0;
  }
}

/** Maximum size of all logs, in bytes. Above it, the log with the oldest last write is removed. */
const allBytesMax = 64 * 1024 * 1024;

/** Stores request logs in this process. */
export class MemoryRequests implements RequestTable {
  readonly #startOf: (processingAccountId: string) => number | undefined;
  readonly #notify: (changes: readonly Change[]) => void;
  readonly #worlds = new Map<string, WorldLog>();
  #bytes = 0;

  /** @param startOf returns the `startTime` of a world. */
  constructor(
    startOf: (processingAccountId: string) => number | undefined,
    notify: (changes: readonly Change[]) => void,
  ) {
    this.#startOf = startOf;
    this.#notify = notify;
  }

  async append(requests: readonly RequestOfWorld[]): Promise<void> {
    const changes: Change[] = [];
    for (const { processingAccountId, startTime, request } of requests) {
      if (startTime !== undefined && startTime !== this.#startOf(processingAccountId)) continue;
      const sequence = this.#add(processingAccountId, request);
      changes.push({ kind: "request", key: String(sequence), processingAccountId });
    }
    for (const oldest of this.#worlds.keys()) {
      if (this.#bytes <= allBytesMax) break;
      this.#drop(oldest);
    }
    if (changes.length > 0) this.#notify(changes);
  }

  async page(
    processingAccountId: string,
    { limit = requestsMax, before = Number.POSITIVE_INFINITY }: Parameters<RequestTable["page"]>[1] = {},
  ): Promise<KeptRequest[]> {
    return this.#worlds.get(processingAccountId)?.page(before, limit) ?? [];
  }

  async about(processingAccountId: string, paymentId: string): Promise<KeptRequest[]> {
    return this.#worlds.get(processingAccountId)?.about(paymentId) ?? [];
  }

  async forget(processingAccountId?: string): Promise<void> {
    if (processingAccountId !== undefined) this.#drop(processingAccountId);
    else for (const id of [...this.#worlds.keys()]) this.#drop(id);
  }

  #add(processingAccountId: string, request: LoggedRequest): number {
    const log = this.#worlds.get(processingAccountId) ?? new WorldLog();
    this.#worlds.delete(processingAccountId);
    this.#worlds.set(processingAccountId, log);
    this.#bytes -= log.bytes;
    const sequence = log.add(request);
    this.#bytes += log.bytes;
    return sequence;
  }

  #drop(processingAccountId: string): void {
    this.#bytes -= this.#worlds.get(processingAccountId)?.bytes ?? 0;
    this.#worlds.delete(processingAccountId);
  }
}
