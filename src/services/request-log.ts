import type { Store } from "../store/store.ts";
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
  readonly body: string;
}

const requestsMax = 1000;
const bytesMax = 8 * 1024 * 1024;
/** All worlds together; then the world that was written to longest ago is forgotten. */
const allBytesMax = 64 * 1024 * 1024;

/** Keeps each world's last requests, 1,000 and 8 MiB at most. Those of no world stand under the demo world. */
export class RequestLog {
  readonly #store: Store;
  readonly #demoId: string;
  readonly #worlds = new Map<string, { requests: LoggedRequest[]; bytes: number }>();
  #bytes = 0;

  constructor(store: Store, demoId: string) {
    this.#store = store;
    this.#demoId = demoId;
  }

  /** @param named the world that the request named, if it named one. */
  async record(named: string | undefined, request: LoggedRequest): Promise<void> {
    const world = named === undefined ? undefined : await this.#store.atomically((unit) => unit.get("world", named));
    const id = world?.processingAccountId ?? this.#demoId;
    const log = this.#worlds.get(id) ?? { requests: [], bytes: 0 };
    this.#worlds.delete(id);
    this.#worlds.set(id, log);
    log.requests.push(request);
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
  }

  /** A world's last requests, newest first. */
  list(processingAccountId: string, limit: number): LoggedRequest[] {
    return (this.#worlds.get(processingAccountId)?.requests ?? []).slice(-limit).reverse();
  }

  /** Forgets a world's requests, or all. */
  forget(processingAccountId?: string): void {
    for (const id of processingAccountId === undefined ? [...this.#worlds.keys()] : [processingAccountId]) {
      this.#bytes -= this.#worlds.get(id)?.bytes ?? 0;
      this.#worlds.delete(id);
    }
  }
}

function sizeOf({ body, target, diagnosis = "" }: LoggedRequest): number {
  return 2 * (body.length + target.length + diagnosis.length);
}
