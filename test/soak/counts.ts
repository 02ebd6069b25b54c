/** Counts of everything that went in and came out, and what was wrong. */
export interface Counts {
  worlds: number;
  removals: number;
  resets: number;
  /** Requests to `/v1`, with repetitions. */
  requests: number;
  /** Responses with 5xx, 429, and cut connections, each caused by a scenario. */
  faults: number;
  payments: number;
  captured: number;
  refunds: number;
  clockMoves: number;
  pages: number;
  /** Notifications that the sandbox counts as delivered. */
  delivered: number;
  /** Requests that arrived at the endpoints, and those of them that the endpoint acknowledged. */
  arrivals: number;
  acknowledged: number;
  /** Rules that were broken, as sentences. */
  readonly wrong: string[];
}

export function noCounts(): Counts {
  return {
    worlds: 0,
    removals: 0,
    resets: 0,
    requests: 0,
    faults: 0,
    payments: 0,
    captured: 0,
    refunds: 0,
    clockMoves: 0,
    pages: 0,
    delivered: 0,
    arrivals: 0,
    acknowledged: 0,
    wrong: [],
  };
}
