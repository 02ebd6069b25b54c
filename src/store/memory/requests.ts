import {
  type KeptRequest,
  type LoggedRequest,
  requestSize,
  requestsMax,
  requestsMaxBytes,
} from "../../domain/logged-request.ts";
import type { Change, RequestOfWorld, RequestTable } from "../store.ts";

interface WorldLog {
  /** Oldest first. */
  readonly requests: KeptRequest[];
  bytes: number;
  sequence: number;
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
    { limit, before = Number.POSITIVE_INFINITY }: Parameters<RequestTable["page"]>[1] = {},
  ): Promise<KeptRequest[]> {
    const all = this.#worlds.get(processingAccountId)?.requests ?? [];
    const asked = all.toReversed().filter(({ sequence }) => sequence < before);
    return limit === undefined ? asked : asked.slice(0, limit);
  }

  async about(processingAccountId: string, paymentId: string): Promise<KeptRequest[]> {
    const all = this.#worlds.get(processingAccountId)?.requests ?? [];
    return all.filter((request) => request.paymentId === paymentId);
  }

  async forget(processingAccountId?: string): Promise<void> {
    if (processingAccountId !== undefined) this.#drop(processingAccountId);
    else for (const id of [...this.#worlds.keys()]) this.#drop(id);
  }

  #add(processingAccountId: string, request: LoggedRequest): number {
    const log = this.#worlds.get(processingAccountId) ?? { requests: [], bytes: 0, sequence: 0 };
    this.#worlds.delete(processingAccountId);
    this.#worlds.set(processingAccountId, log);
    log.sequence += 1;
    log.requests.push({ ...request, sequence: log.sequence });
    log.bytes += requestSize(request);
    this.#bytes += requestSize(request);
    while (log.requests.length > requestsMax || log.bytes > requestsMaxBytes) {
      const dropped = log.requests.shift();
      if (dropped === undefined) break;
      log.bytes -= requestSize(dropped);
      this.#bytes -= requestSize(dropped);
    }
    return log.sequence;
  }

  #drop(processingAccountId: string): void {
    this.#bytes -= this.#worlds.get(processingAccountId)?.bytes ?? 0;
    this.#worlds.delete(processingAccountId);
  }
}
