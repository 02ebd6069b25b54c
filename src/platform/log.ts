/** Format of the log: lines for people, lines of JSON, or none. */
export type LogFormat = "pretty" | "json" | "silent";

export interface LogLine {
  readonly event: string;
  readonly message: string;
  readonly [detail: string]: unknown;
}

export type Log = (line: LogLine) => void;

/** Logs to standard error: standard output is for the ready line and the environment block. */
export function createLog(format: LogFormat): Log {
  if (format === "silent") return () => undefined;
  if (format === "json") return (line) => void process.stderr.write(`${JSON.stringify(line)}\n`);
  return ({ message }) => void process.stderr.write(`${message}\n`);
}
