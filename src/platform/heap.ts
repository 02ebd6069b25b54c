import { constants, PerformanceObserver } from "node:perf_hooks";
import { runInNewContext } from "node:vm";

/** The heap of this process, without the young generation. */
export interface Heap {
  /** Maximum bytes, as `--max-old-space-size` sets it. */
  limitBytes(): number;
  /** Bytes in use, garbage included. */
  usedBytes(): number;
  /**
   * Calls back after each garbage collection of the whole heap.
   * @returns a function that ends it.
   */
  onCollected(callback: () => void): () => void;
  /** Collects garbage now. It takes about a second for each gigabyte, and nothing else runs meanwhile. */
  collect(): void;
}

const youngSpaces = new Set(["new_space", "new_large_object_space"]);

/** The part of the heap limit that V8 sets aside for the young generation: three times its default maximum. */
const youngBytesMax = 3 * 16 * 1024 * 1024;

/** Loaded at its first use: it takes 3 ms of a start. */
const v8 = () => process.getBuiltinModule("node:v8");

/** The heap of V8. */
export const machineHeap: Heap = {
  limitBytes: () => v8().getHeapStatistics().heap_size_limit - youngBytesMax,
  usedBytes: () =>
    v8()
      .getHeapSpaceStatistics()
      .filter(({ space_name }) => !youngSpaces.has(space_name))
      .reduce((sum, { space_used_size }) => sum + space_used_size, 0),
  onCollected(callback) {
    const isMajor = (entry: object) =>
      (entry as { readonly detail?: { readonly kind: number } }).detail?.kind === constants.NODE_PERFORMANCE_GC_MAJOR;
    const observer = new PerformanceObserver((list) => {
      if (list.getEntries().some(isMajor)) callback();
    });
    observer.observe({ entryTypes: ["gc"] });
    return () => observer.disconnect();
  },
  collect() {
    // Only a context that is made after the flag was set has the function.
    v8().setFlagsFromString("--expose-gc");
    const collectGarbage = runInNewContext("gc") as () => void;
    // The first call only ends a collection that has begun, which keeps what was in use at its beginning.
    collectGarbage();
    collectGarbage();
  },
};
