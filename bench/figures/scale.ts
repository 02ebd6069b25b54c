/** How much is measured. Times are in seconds. */
export interface Scale {
  readonly turns: number;
  readonly startTurns: number;
  readonly warmUpSeconds: number;
  readonly seconds: number;
  readonly signedSeconds: number;
  /** Distinct signed requests that are prepared for each turn, without those of the warm-up. */
  readonly signedRequests: number;
  readonly signedWarmUps: number;
  readonly memoryPayments: number;
  readonly heapPayments: number;
  /** Payments in the worlds of the growth figure. */
  readonly growthSizes: readonly number[];
  /** Payments of one turn on PostgreSQL. */
  readonly databasePayments: number;
}

export const fullScale: Scale = {
  turns: 5,
  startTurns: 9,
  warmUpSeconds: 2,
  seconds: 5,
  signedSeconds: 8,
  signedRequests: 50_000,
  signedWarmUps: 10_000,
  memoryPayments: 50_000,
  heapPayments: 20_000,
  growthSizes: [1_000, 10_000, 100_000, 1_000_000],
  databasePayments: 1_000,
};

export const quickScale: Scale = {
  turns: 2,
  startTurns: 3,
  warmUpSeconds: 1,
  seconds: 1,
  signedSeconds: 1,
  signedRequests: 8_000,
  signedWarmUps: 6_000,
  memoryPayments: 5_000,
  heapPayments: 2_000,
  growthSizes: [1_000, 10_000],
  databasePayments: 200,
};
