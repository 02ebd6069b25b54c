const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

/**
 * Delays after a failed attempt, in milliseconds: 21 retries, 22 attempts in all, the last one 112 hours after the
 * first. Then the notification is exhausted. [docs] They are counted from start to start. [ours]
 */
export const retryDelaysMs: readonly number[] = [
  ...[2, 5, 8, 15, 30].map((minutes) => minutes * minuteMs),
  ...[1, 2, 4].map((hours) => hours * hourMs),
  ...Array.from({ length: 13 }, () => 8 * hourMs),
];
