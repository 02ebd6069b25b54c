import { constants } from "node:os";

const signals = ["SIGTERM", "SIGINT"] as const;

/**
 * Sets what SIGTERM and SIGINT do. The second signal has the default effect. As process 1 of a container, a program
 * without a listener would ignore both.
 */
export function onEndSignal(end: (signal: (typeof signals)[number]) => void): void {
  for (const signal of signals) process.removeAllListeners(signal).once(signal, end);
}

/** Prepares the process for a command. Call it before anything else is loaded: a signal may arrive at any time. */
export function prepareProcess(): void {
  onEndSignal((signal) => {
    // The default effect, so that a shell sees the signal. Process 1 ignores it and exits.
    process.kill(process.pid, signal);
    process.exit(128 + constants.signals[signal]);
  });
  // The reader of a stream may go away: that ends no server, and a command quietly.
  process.stderr.on("error", () => undefined);
  process.stdout.on("error", ({ code, message }: NodeJS.ErrnoException) => {
    if (code === "EPIPE") return;
    process.stderr.write(`Standard output cannot be written: ${message}.\n`);
    process.exitCode = 1;
  });
}
