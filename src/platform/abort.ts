/**
 * Callbacks of each signal. One listener calls them all: each further one would cost more than the last, and Node would
 * warn of a leak.
 */
const callbacks = new WeakMap<AbortSignal, Set<() => void>>();

/**
 * Calls back once, when the signal aborts. The signal may be of a test environment that replaces `AbortSignal`: it gets
 * nothing but an event listener.
 * @param signal that has not aborted yet.
 * @returns a function that removes the callback.
 */
export function onAbort(signal: AbortSignal, callback: () => void): () => void {
  let registered = callbacks.get(signal);
  if (registered === undefined) {
    const all = new Set<() => void>();
    signal.addEventListener("abort", () => {
      for (const call of [...all]) call();
      all.clear();
    });
    callbacks.set(signal, all);
    registered = all;
  }
  registered.add(callback);
  return () => void registered.delete(callback);
}
