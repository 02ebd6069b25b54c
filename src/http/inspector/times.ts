import type { Context } from "hono";
import { getCookie, setCookie } from "hono/cookie";
import type { Env } from "../env.ts";

/** The time zones of the inspector, with their difference to UTC in milliseconds. Hong Kong has no summer time. */
const offsets = { HKT: 8 * 3_600_000, UTC: 0 } as const;

export type TimeZone = keyof typeof offsets;

/** The time zones of the inspector. The first one is the default. */
export const timeZones = Object.keys(offsets) as readonly TimeZone[];

/** Writes instants in one time zone. */
export interface Times {
  readonly zone: TimeZone;
  /** Difference to UTC, in milliseconds. */
  readonly offsetMs: number;
  /** An instant to the second: `2026-01-05 17:31:07`. */
  instant(time: number): string;
  /** A time of day to the second, with the date if it differs from the date of `near`. */
  near(time: number, near: number): string;
  /** The date: `2026-01-05`. */
  day(time: number): string;
  /** A time of day to the millisecond: `17:31:07.123`. */
  exact(time: number): string;
}

function timesIn(zone: TimeZone): Times {
  const offsetMs = offsets[zone];
  const iso = (time: number) => new Date(time + offsetMs).toISOString();
  const day = (time: number) => iso(time).slice(0, 10);
  const instant = (time: number) => iso(time).slice(0, 19).replace("T", " ");
  return {
    ...{ zone, offsetMs, instant, day },
    near: (time, near) => (day(time) === day(near) ? instant(time).slice(11) : instant(time)),
    exact: (time) => iso(time).slice(11, 23),
  };
}

const cookie = "sandbox_time_zone";
const yearSeconds = 365 * 86_400;

/** The time zone with that name. */
export function timeZoneNamed(name: string | null | undefined): TimeZone | undefined {
  return timeZones.find((zone) => zone === name);
}

/** Times in the zone that the browser has selected. */
export function timesFor(c: Context<Env>): Times {
  return timesIn(timeZoneNamed(getCookie(c, cookie)) ?? "HKT");
}

/** Keeps the selected time zone in the browser. */
export function keepTimeZone(c: Context<Env>, zone: TimeZone): void {
  setCookie(c, cookie, zone, { path: "/", sameSite: "Lax", httpOnly: true, maxAge: yearSeconds });
}
