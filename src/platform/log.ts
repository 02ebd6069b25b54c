// Not the global: a test may fake that one.
import { setImmediate } from "node:timers";
import { escapeControlCharacters } from "../domain/control-characters.ts";

/** Format of the log: lines for people, lines of JSON, or none. */
export type LogFormat = "pretty" | "json" | "silent";

export interface LogLine {
  readonly event: string;
  readonly message: string;
  readonly [detail: string]: unknown;
}

export type Log = (line: LogLine) => void;

/** Events with many lines: those of one turn of the event loop are written together. */
const frequentEvents: readonly string[] = ["request", "webhook"];

/**
 * Logs to standard error: standard output is for the ready line and the environment block. Control characters are
 * escaped in both formats: a client may send them.
 * @param clean removes what must not be logged from a text.
 */
export function createLog(format: LogFormat, clean: (text: string) => string): Log {
  if (format === "silent") return () => undefined;
  const cleaned = (_name: string, value: unknown) => (typeof value === "string" ? clean(value) : value);
  const textOf = (line: LogLine) => (format === "json" ? JSON.stringify(line, cleaned) : clean(line.message));
  let lines: string[] = [];
  const flush = () => {
    if (lines.length > 0) process.stderr.write(lines.join(""));
    lines = [];
  };
  return (line) => {
    if (lines.length === 0) setImmediate(flush);
    lines.push(`${escapeControlCharacters(textOf(line))}\n`);
    if (!frequentEvents.includes(line.event)) flush();
  };
}
