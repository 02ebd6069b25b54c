import { durationUpTo, type Reading, type Spelling } from "./spelling.ts";

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

/**
 * Delays after a failed attempt, in milliseconds: 21 retries, 22 attempts in all, the last one 112 hours after the
 * first. Then the notification is exhausted. [docs] They are counted from start to start. [ours]
 */
export const providerRetryDelaysMs: readonly number[] = [
  ...[2, 5, 8, 15, 30].map((minutes) => minutes * minuteMs),
  ...[1, 2, 4].map((hours) => hours * hourMs),
  ...Array.from({ length: 13 }, () => 8 * hourMs),
];

/** The provider's delays, or others in milliseconds. */
export type RetrySchedule = "provider" | readonly number[];

/** Delays of a schedule, in milliseconds. */
export function retryDelaysMs(schedule: RetrySchedule): readonly number[] {
  return schedule === "provider" ? providerRetryDelaysMs : schedule;
}

const delaysMax = 50;
const delay = durationUpTo(30 * 24 * hourMs);

function schedulesOf({ allowed, read }: Reading<number>): Reading<RetrySchedule> {
  return {
    allowed: `provider, or a list of at most ${delaysMax} delays, each ${allowed}`,
    read: (value, onWrong) => {
      if (value === "provider") return value;
      if (!Array.isArray(value) || value.length > delaysMax) return undefined;
      const delays = Array.from(value, (one: unknown) => read(one, onWrong));
      return delays.every((ms) => ms !== undefined) ? delays : undefined;
    },
  };
}

/** Spells a schedule: the name `provider`, or a list of durations. */
export const retryScheduleSpelling = {
  ...schedulesOf(delay),
  write: (schedule) => (schedule === "provider" ? schedule : schedule.map(delay.write)),
  file: schedulesOf(delay.file),
  code: schedulesOf(delay.code),
} satisfies Spelling<RetrySchedule>;

/** JSON Schema of a schedule as requests and files spell it. */
export const retryScheduleJson = {
  anyOf: [{ const: "provider" }, { type: "array", items: { type: "string" }, maxItems: delaysMax }],
} as const;
