import { MemoryStore as PlainMemoryStore } from "../../src/store/memory/store.ts";
import type { Pause } from "../../src/store/subscribers.ts";

// Replaces src/store/memory/store.ts in tests: whoever changes a saved record gets a TypeError.

export * from "../../src/store/memory/store.ts";

export class MemoryStore extends PlainMemoryStore {
  constructor(pause?: Pause) {
    super(pause, freeze);
  }
}

const frozen = new WeakSet<object>();

/** Freezes a value and all of its parts. */
function freeze(value: unknown): void {
  if (typeof value !== "object" || value === null || frozen.has(value)) return;
  frozen.add(value);
  Object.freeze(value);
  for (const part of Object.values(value)) freeze(part);
}
