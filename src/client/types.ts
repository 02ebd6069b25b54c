import type { PresentedCredentials } from "../http/control/merchants.ts";
import type { ExpectedCount, RequestMatch } from "../services/observing/request-match.ts";

/** Keys and ids of a merchant whose keys the sandbox made. */
export type Credentials = Required<PresentedCredentials>;

/** One page of a list, newest first; `nextCursor` is absent on the last page. */
export interface Page<T> {
  readonly data: readonly T[];
  readonly nextCursor?: string;
}

/** The start of a page, and its maximum number of entries. */
export interface PageOptions {
  readonly limit?: number;
  readonly cursor?: string;
}

/** The requests to count, and the expected number: at least one by default. */
export interface RequestCount extends ExpectedCount {
  readonly match: RequestMatch;
}
