import type { KeptRequest, SignatureVerdict } from "../../domain/logged-request.ts";
import type { Turns } from "../../platform/turns.ts";

/** Conditions for a request. All given conditions must hold. */
export interface RequestMatch {
  readonly method?: string | undefined;
  /** A path without a query. A segment `*` matches any one segment. */
  readonly path?: string | undefined;
  /** Required parameters. Of a repeated parameter the last value counts. */
  readonly query?: Readonly<Record<string, string>> | undefined;
  readonly status?: number | undefined;
  readonly signature?: SignatureVerdict | undefined;
  /** Part of the JSON body. Members not named here may have any value; lists must match in length and order. */
  readonly body?: unknown;
}

/** The expected number of matching requests. Without any member: at least one. */
export interface ExpectedCount {
  readonly atLeast?: number | undefined;
  readonly atMost?: number | undefined;
  readonly exactly?: number | undefined;
}

/** A difference between a request and the match. `actual` is absent where the request has no value. */
export interface Difference {
  /** The member, with dots between names: `body.amount.value`. */
  readonly path: string;
  readonly expected: unknown;
  readonly actual?: unknown;
}

/** A request close to the match, and its differences. */
export interface NearMiss {
  readonly request: KeptRequest;
  readonly differences: readonly Difference[];
}

/** Result of a verification. */
export interface Verification {
  readonly ok: boolean;
  /** Number of requests that match. */
  readonly count: number;
  /** The expected number in words: `at least 1`. */
  readonly wanted: string;
  /** The requests with the fewest differences, newest first among equals; if too many match, the newest of those. */
  readonly nearest: readonly NearMiss[];
}

const nearestMax = 3;

/**
 * Counts the requests that match and finds those that come nearest.
 * @param requests newest first.
 * @param turns divides the comparison of many requests into pieces.
 */
export async function verifyRequests(
  requests: readonly KeptRequest[],
  match: RequestMatch,
  expected: ExpectedCount,
  turns: Turns,
): Promise<Verification> {
  const matching: NearMiss[] = [];
  let misses: { readonly miss: NearMiss; readonly weight: number }[] = [];
  let count = 0;
  for (const request of requests) {
    const turn = turns.pause();
    if (turn !== undefined) await turn;
    const miss = { request, differences: differencesOf(request, match) };
    if (miss.differences.length > 0) {
      misses = [...misses, { miss, weight: weightOf(miss) }].sort((a, b) => a.weight - b.weight).slice(0, nearestMax);
    } else {
      count += 1;
      if (count <= nearestMax) matching.push(miss);
    }
  }
  const { least, most, words } = boundsOf(expected);
  const tooMany = count > most;
  const nearest = tooMany ? matching : misses.map(({ miss }) => miss);
  return { ok: count >= least && !tooMany, count, wanted: words, nearest };
}

function boundsOf({ atLeast, atMost, exactly }: ExpectedCount): { least: number; most: number; words: string } {
  if (exactly !== undefined) return { least: exactly, most: exactly, words: `exactly ${exactly}` };
  const least = atLeast ?? (atMost === undefined ? 1 : 0);
  const words = [
    ...(least > 0 || atMost === undefined ? [`at least ${least}`] : []),
    ...(atMost === undefined ? [] : [`at most ${atMost}`]),
  ];
  return { least, most: atMost ?? Number.POSITIVE_INFINITY, words: words.join(" and ") };
}

/** Number of expected values that a request lacks. */
function weightOf({ differences }: NearMiss): number {
  return differences.reduce((sum, { expected }) => sum + leavesOf(expected), 0);
}

function leavesOf(value: unknown): number {
  if (typeof value !== "object" || value === null) return 1;
  return Math.max(
    1,
    Object.values(value).reduce((sum: number, member) => sum + leavesOf(member), 0),
  );
}

function differencesOf(request: KeptRequest, match: RequestMatch): Difference[] {
  const [path = "", query = ""] = splitOnce(request.target, "?");
  const found: Difference[] = [];
  const check = (name: string, expected: unknown, actual: unknown, same = expected === actual) => {
    if (expected !== undefined && !same) found.push({ path: name, expected, actual });
  };
  check("method", match.method, request.method);
  check("path", match.path, path, match.path !== undefined && matchesPath(match.path, path));
  const parameters = new URLSearchParams(query);
  for (const [name, value] of Object.entries(match.query ?? {})) {
    check(`query.${name}`, value, parameters.getAll(name).at(-1));
  }
  check("status", match.status, request.status);
  check("signature", match.signature, request.signature);
  if (match.body !== undefined) found.push(...jsonDifferences("body", match.body, bodyOf(request)));
  return found;
}

function splitOnce(text: string, separator: string): [string, string] {
  const index = text.indexOf(separator);
  return index < 0 ? [text, ""] : [text.slice(0, index), text.slice(index + separator.length)];
}

function matchesPath(pattern: string, path: string): boolean {
  const segments = path.split("/");
  const wanted = pattern.split("/");
  return (
    wanted.length === segments.length &&
    wanted.every((segment, index) => (segment === "*" ? segments[index] !== "" : segment === segments[index]))
  );
}

/** The body as JSON; the text if it is not JSON, `undefined` if it is empty. */
function bodyOf({ body }: KeptRequest): unknown {
  if (body === "") return undefined;
  try {
    return JSON.parse(body);
  } catch {
    return body;
  }
}

function jsonDifferences(path: string, expected: unknown, actual: unknown): Difference[] {
  if (typeof expected !== "object" || expected === null) {
    return expected === actual ? [] : [{ path, expected, actual }];
  }
  const sameShape =
    typeof actual === "object" &&
    actual !== null &&
    Array.isArray(actual) === Array.isArray(expected) &&
    (!Array.isArray(expected) || expected.length === (actual as unknown[]).length);
  if (!sameShape) return [{ path, expected, actual }];
  return Object.entries(expected).flatMap(([name, value]) => {
    const member = Object.hasOwn(actual, name) ? (actual as Record<string, unknown>)[name] : undefined;
    return jsonDifferences(`${path}.${name}`, value, member);
  });
}
