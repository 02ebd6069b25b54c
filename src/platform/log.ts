// Not the global: a test may fake that one.
import { clearTimeout, setTimeout } from "node:timers";
import { escapeControlCharacters } from "../domain/control-characters.ts";

/** Format of the log: lines for people, lines of JSON, or none. */
export type LogFormat = "pretty" | "json" | "silent";

export interface LogLine {
  readonly event: string;
  readonly message: string;
  readonly [detail: string]: unknown;
}

export type Log = (line: LogLine) => void;

export interface LogOptions {
  /** Removes what must not be logged from a text. */
  readonly clean: (text: string) => string;
  /** Lines of frequent events are written together, after this time at most, in milliseconds. 0: each at once. */
  readonly delayMs: number;
}

/** Events that can have thousands of lines a second. */
const frequentEvents: readonly string[] = ["request", "unreadable", "webhook"];

/**
 * Logs to standard error: standard output is for the ready line and the environment block. Control characters are
 * escaped in both formats: a client may send them.
 */
export function createLog(format: LogFormat, { clean, delayMs }: LogOptions): Log {
  if (format === "silent") return () => undefined;
  const cleaned = (_name: string, value: unknown) => (typeof value === "string" ? clean(value) : value);
  const textOf = (line: LogLine) => (format === "json" ? JSON.stringify(line, cleaned) : clean(line.message));
  const pending = new PendingLines();
  return (line) => {
    pending.add(`${escapeControlCharacters(textOf(line))}\n`);
    if (delayMs > 0 && frequentEvents.includes(line.event)) pending.writeWithin(delayMs);
    else pending.write();
  };
}

/** Lines that are written together. The end of the process writes them too. */
class PendingLines {
  #lines: string[] = [];
  #timer: NodeJS.Timeout | undefined;
  readonly #onExit = () => this.write();

  add(line: string): void {
    this.#lines.push(line);
  }

  writeWithin(delayMs: number): void {
    if (this.#timer !== undefined) return;
    this.#timer = setTimeout(() => this.write(), delayMs);
    process.once("exit", this.#onExit);
  }

  write(): void {
    if (this.#timer !== undefined) {
      clearTimeout(this.#timer);
      process.off("exit", this.#onExit);
      this.#timer = undefined;
    }
    const text = this.#lines.join("");
    this.#lines = [];
    process.stderr.write(text, tolerateFailure);
  }
}

/** A reader of standard error that goes away must not end the process: without a listener the error would. */
function tolerateFailure(error: Error | null | undefined): void {
  if (error && process.stderr.listenerCount("error") === 0) process.stderr.once("error", () => undefined);
}
