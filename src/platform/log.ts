import { escapeControlCharacters } from "../domain/control-characters.ts";

/** Format of the log: lines for people, lines of JSON, or none. */
export type LogFormat = "pretty" | "json" | "silent";

export interface LogLine {
  readonly event: string;
  readonly message: string;
  readonly [detail: string]: unknown;
}

export type Log = (line: LogLine) => void;

/**
 * Logs to standard error: standard output is for the ready line and the environment block. Control characters are
 * escaped in both formats: a client may send them.
 * @param clean removes what must not be logged from a text.
 */
export function createLog(format: LogFormat, clean: (text: string) => string): Log {
  if (format === "silent") return () => undefined;
  const cleaned = (_name: string, value: unknown) => (typeof value === "string" ? clean(value) : value);
  const write = (text: string) => void process.stderr.write(`${escapeControlCharacters(text)}\n`);
  return format === "json" ? (line) => write(JSON.stringify(line, cleaned)) : ({ message }) => write(clean(message));
}
