import { quoted } from "./check.ts";

/** A path of the API that a wrong one was probably meant to be. */
export interface CorrectedPath {
  /** Without query; a missing id is `{id}`. */
  readonly path: string;
  /** What to change in the wrong path. */
  readonly remedy: string;
  /** The wrong path and its remedy. */
  readonly sentence: string;
}

interface PathMistake {
  readonly correct: (path: string) => string;
  readonly remedy: (path: string) => string;
}

const misplacedQuery = /(%3F|&)\w+=.*$/i;
const prefix = /^\/.+(?=\/v1\/)/;

/** The usual mistakes, in the order of their correction. */
const mistakes: readonly PathMistake[] = [
  {
    correct: (path) => path.replace(/^\/{2,}|(?<!\/)\/{2,}(?=v1\/)|(?<=\/v1)\/{2,}/gi, "/"),
    remedy: () => 'remove the "/" at the end of the base URL, which makes two slashes in a row',
  },
  {
    correct: (path) => path.replace(misplacedQuery, ""),
    remedy: (path) => `begin the query with "?" instead of ${quoted(misplacedQuery.exec(path)?.[1])}`,
  },
  {
    correct: (path) => path.replace(/(?<=[^/])\/+$/, ""),
    remedy: () => 'remove the "/" at its end, unless an id is missing there',
  },
  {
    // Longer names are ids.
    correct: (path) => path.replace(/(?<=\/)[a-z\d]{1,19}(?=\/|$)/gi, (name) => name.toLowerCase()),
    remedy: () => "write it in lower case",
  },
  {
    correct: (path) => path.replace(/(?:\/v1){2,}(?=\/)/, "/v1"),
    remedy: () => "remove the second /v1, because the base URL has it already",
  },
  {
    correct: (path) => path.replace(prefix, ""),
    remedy: (path) => `remove ${quoted(prefix.exec(path)?.[0])} before /v1, which is at the root of the host`,
  },
  {
    correct: (path) => (path.startsWith("/v1/") ? path : `/v1${path}`),
    remedy: () => "put /v1 before it",
  },
  {
    correct: (path) => path.replace(/\/{2,}/g, "/{id}/"),
    remedy: () => "put the missing id between its two slashes",
  },
];

/**
 * Corrects the usual mistakes in the path of a request; `undefined` if it has none. The corrected path may not exist
 * either.
 */
export function correctPath(target: string): CorrectedPath | undefined {
  const [given = ""] = target.split("?", 1);
  let path = given;
  const remedies: string[] = [];
  for (const mistake of mistakes) {
    const corrected = mistake.correct(path);
    if (corrected !== path) remedies.push(mistake.remedy(path));
    path = corrected;
  }
  if (path === given) return undefined;
  const remedy = remedies.join(", and ");
  const sentence = `The API has no path ${quoted(given)}, but it has ${quoted(path)}: ${remedy}.`;
  return { path, remedy, sentence };
}
