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

/** The result of the work; rejects with the signal's reason if that aborts first. The work itself goes on. */
export function unlessAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return work;
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason as Error);
    const ignoreAbort = onAbort(signal, abort);
    if (signal.aborted) abort();
    work.then(resolve, reject).finally(ignoreAbort);
  });
}
