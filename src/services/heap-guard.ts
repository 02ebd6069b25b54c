import type { Heap } from "../platform/heap.ts";

/** Below this part of its maximum, a heap that was full has room again. */
const roomPart = 0.9;

/** Dependencies of the heap guard. */
export interface HeapGuardParts {
  readonly heap: Heap;
  /** Maximum use after a garbage collection, as a share of the limit. Above it the heap is full; at 1 it never is. */
  readonly shareMax: number;
  /** Called when the heap becomes full, and when it has room again. */
  readonly onChange: (isFull: boolean) => void;
}

/** Knows whether the heap is too full for new payments. Without it, the process would end at the limit of its heap. */
export class HeapGuard {
  readonly #parts: HeapGuardParts;
  readonly #stop: (() => void) | undefined;
  #isFull = false;

  constructor(parts: HeapGuardParts) {
    this.#parts = parts;
    if (parts.shareMax < 1) this.#stop = parts.heap.onCollected(() => this.#check());
  }

  get isFull(): boolean {
    return this.#isFull;
  }

  /** Checks a full heap again, after records were removed. */
  recheck(): void {
    if (!this.#isFull) return;
    this.#parts.heap.collect();
    this.#check();
  }

  close(): void {
    this.#stop?.();
  }

  #check(): void {
    const { heap, shareMax, onChange } = this.#parts;
    const share = heap.usedBytes() / heap.limitBytes();
    const isFull = share > (this.#isFull ? shareMax * roomPart : shareMax);
    if (isFull === this.#isFull) return;
    this.#isFull = isFull;
    onChange(isFull);
  }
}
