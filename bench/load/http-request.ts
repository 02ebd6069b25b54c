import { readFileSync } from "node:fs";

/** An HTTP request as a load generator sends it. `body` is empty for a request without one. */
export interface HttpRequest {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Reads requests from lines of JSON. */
export function readRequests(path: string): HttpRequest[] {
  const lines = readFileSync(path, "utf8").trimEnd().split("\n");
  return lines.map((line) => JSON.parse(line) as HttpRequest);
}
