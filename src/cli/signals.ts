const signals = ["SIGTERM", "SIGINT"] as const;

/**
 * Sets what SIGTERM and SIGINT do. The second signal has the default effect. As process 1 of a container, a program
 * without a listener would ignore both.
 */
export function onEndSignal(end: (signal: (typeof signals)[number]) => void): void {
  for (const signal of signals) process.removeAllListeners(signal).once(signal, end);
}
