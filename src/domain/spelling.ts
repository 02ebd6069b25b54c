import { durationMs, shortOrIsoDurationMs, writeDuration } from "./duration.ts";
import { type Money, majorFromMoney, moneyFromMajor } from "./money.ts";

/** Receives each value that is unknown or not allowed. @param complaint continues a sentence after the name. */
export type OnWrong = (name: string, value: unknown, complaint: string) => void;

/** How one surface reads a value. */
export interface Reading<T> {
  /** The allowed values; completes "expected". */
  readonly allowed: string;
  /**
   * The value inside, or `undefined` if it is not allowed.
   * @param onWrong receives the wrong members of an object, by their path in it.
   */
  readonly read: (value: unknown, onWrong: OnWrong) => T | undefined;
}

/** The surfaces that spell values: requests, the configuration file, and code. */
export type SpellingSurface = "request" | "file" | "code";

/** Reads and writes one kind of value. */
export interface Spelling<T> extends Reading<T> {
  /** The value as files and requests spell it, if that differs. */
  write?(inside: T): unknown;
  /** What a value that is not allowed is, if that is not its JSON. */
  readonly describe?: (value: unknown) => string;
  /** How code spells the value, if that differs. Without `write` it is the value inside. */
  readonly code?: Reading<T> & { write?(inside: T): unknown };
  /** How the configuration file spells the value, if that differs from requests. */
  readonly file?: Reading<T>;
}

export const unknownAmong = (names: readonly string[]) => `is unknown; expected one of ${names.join(", ")}`;

/** Reads the value of a name as a surface spells it. Without a result there was a complaint. */
export function readSpelled<T>(
  name: string,
  value: unknown,
  spelling: Spelling<T>,
  surface: SpellingSurface,
  onWrong: OnWrong,
): T | undefined {
  const { describe = JSON.stringify } = spelling;
  const { read, allowed } = (surface === "request" ? undefined : spelling[surface]) ?? spelling;
  let isReported = false;
  const inside = read(value, (member, wrong, complaint) => {
    isReported = true;
    onWrong(`${name}.${member}`, wrong, complaint);
  });
  if (inside === undefined && !isReported) onWrong(name, value, `is ${describe(value)}; expected ${allowed}`);
  return isReported ? undefined : inside;
}

/** Writes a value as files and requests spell it. */
export function writeSpelled<T>({ write }: Spelling<T>, inside: T): unknown {
  return write === undefined ? inside : write(inside);
}

/** Writes a value as code spells it. */
export function writeCodeSpelled<T>(spelling: Spelling<T>, inside: T): unknown {
  if (spelling.code === undefined) return writeSpelled(spelling, inside);
  return spelling.code.write === undefined ? inside : spelling.code.write(inside);
}

/** Durations in milliseconds: ISO 8601 in requests, `30m` in files too, a number in code. */
export function durationUpTo(maxMs: number) {
  const limited = (ms: number | undefined) => (ms !== undefined && ms <= maxMs ? ms : undefined);
  const days = Math.floor(maxMs / 86_400_000);
  return {
    allowed: `an ISO 8601 duration of at most ${days} days, such as PT30M`,
    read: (value: unknown) => limited(typeof value === "string" ? durationMs(value) : undefined),
    write: writeDuration,
    code: {
      allowed: `a whole number of milliseconds from 0 to ${maxMs}`,
      read: (value: unknown) => limited(Number.isSafeInteger(value) && Number(value) >= 0 ? Number(value) : undefined),
    },
    file: {
      allowed: `a duration of at most ${days} days, such as 30m, or PT30M in ISO 8601`,
      read: (value: unknown) => limited(typeof value === "string" ? shortOrIsoDurationMs(value) : undefined),
    },
  } satisfies Spelling<number>;
}

/** Amounts of at least a minimum: in major HKD on every surface. */
export function amountFrom(minimum: Money) {
  return {
    allowed: `an amount in HKD of at least ${majorFromMoney(minimum)}, with at most two decimals`,
    read: (value: unknown) => {
      const money = typeof value === "number" && value <= 1e12 ? moneyFromMajor(value) : undefined;
      return money !== undefined && money >= minimum ? money : undefined;
    },
    write: majorFromMoney,
  } satisfies Spelling<Money>;
}
