import type { LoggedRequest } from "../../domain/logged-request.ts";
import type { Credential, Merchant } from "../../domain/merchant.ts";
import type { Attempt } from "../../domain/notification.ts";
import { type RecordsOfWorld, worldKinds } from "../../domain/records.ts";
import { readSettings, writeSettings } from "../../domain/settings.ts";
import { fromStored, storedKind, toStored } from "../../domain/stored-names.ts";
import type { World, WorldClock, WorldSettings } from "../../domain/world.ts";
import type { WorldSnapshot } from "../../services/lifecycle/snapshots.ts";
import { countValues } from "../json-values.ts";

/** A clock in a snapshot. The time of a running clock is in `real`. */
export type SavedClock = { readonly mode: "frozen"; readonly time: number } | { readonly mode: "running" };

export type SavedSettings = ReturnType<typeof writeSettings>;

/** The settings and the clock that a world was opened with. */
export interface SavedOpening {
  readonly settings?: SavedSettings | undefined;
  readonly clock?: SavedClock | undefined;
}

/** Records by stored kind, in the order in which they were first saved, with stored member names. */
type SavedRecords = Readonly<Record<string, readonly object[]>>;

/** Measurements of an attempt. Signatures expire, and most responses have a `Date`. */
export interface RealPartOfAttempt {
  readonly durationMs: number;
  /** The `X-Signature` lines. */
  readonly signatures: readonly string[];
  /** Absent without a response, and in snapshots of older versions. */
  readonly answerHeaders?: NonNullable<Attempt["answer"]>["headers"];
}

/** Measurements of the real clock. */
export interface RealPart {
  /** The time of a running clock. */
  readonly time?: number | undefined;
  /** By notification: that of each attempt, in order. */
  readonly attempts?: Readonly<Record<string, readonly RealPartOfAttempt[]>> | undefined;
  /** The request log, oldest first. */
  readonly requests?: readonly LoggedRequest[] | undefined;
}

/**
 * A world as one JSON document. Settings have their external form. All other values have their stored form: times in
 * milliseconds since 1970, amounts in cents. With a seed and a frozen clock, everything except `real` is the same in
 * every run.
 */
export interface SnapshotDocument {
  readonly format: 1;
  readonly processingAccountId: string;
  readonly settings: SavedSettings;
  /** A reset restores it. */
  readonly opening?: SavedOpening | undefined;
  readonly clock: SavedClock;
  readonly merchant: Merchant & { readonly credentials: readonly Credential[] };
  readonly records: SavedRecords;
  /** The number of ids of each kind, if they are derived from a seed. */
  readonly ids: Readonly<Record<string, number>>;
  readonly real?: RealPart | undefined;
}

const signatureHeader = "x-signature";

const isSignature = ([name]: Attempt["requestHeaders"][number]) => name.toLowerCase() === signatureHeader;

export function presentSnapshot(snapshot: WorldSnapshot): SnapshotDocument {
  const { world, clock, merchant, credentials, records, counters, requests } = snapshot;
  const { processingAccountId, settings, opening } = world;
  const attempts = records.notification
    .filter((notification) => notification.attempts.length > 0)
    .map(({ id, attempts }) => [id, attempts.map(realPartOf)] as const);
  return {
    format: 1,
    processingAccountId,
    settings: writeSettings(settings),
    ...(opening === undefined ? {} : { opening: presentOpening(opening) }),
    clock: clock.mode === "frozen" ? clock : { mode: "running" },
    merchant: { ...merchant, credentials },
    records: {
      ...savedRecords(records),
      notification: records.notification.map((notification) => ({
        ...notification,
        attempts: notification.attempts.map(repeatablePartOf),
      })),
    },
    ids: counters,
    real: {
      ...(clock.mode === "running" ? { time: clock.time } : {}),
      attempts: Object.fromEntries(attempts),
      requests,
    },
  };
}

/** Whether the text of a document is larger. Builds the text in small parts, and no further than the maximum. */
export function isLarger(
  document: SnapshotDocument,
  max: { readonly bytes: number; readonly values: number },
): boolean {
  const { records, real: { requests = [], ...real } = {}, ...rest } = document;
  const parts: Iterable<object>[] = [[rest, real], requests, ...Object.values(records)];
  let bytes = Buffer.byteLength(JSON.stringify(Object.keys(records))) + envelopeBytes;
  let values = envelopeValues;
  for (const part of parts) {
    for (const item of part) {
      const text = Buffer.from(JSON.stringify(item));
      bytes += text.length + 1;
      values += countValues(text) + 1;
      if (bytes > max.bytes || values > max.values) return true;
    }
  }
  return false;
}

/** Upper limit of the bytes around the parts of a document: names, brackets and commas. */
const envelopeBytes = 100;
const envelopeValues = 50;

function savedRecords(records: RecordsOfWorld): SavedRecords {
  const saved = worldKinds.map((kind) => [
    storedKind(kind),
    records[kind].map((record: object) => toStored(kind, record)),
  ]);
  return Object.fromEntries(saved) as SavedRecords;
}

/** Returns the records of a document by their kind in code. Attempts are without `durationMs`. */
export function recordsFrom(saved: SavedRecords): RecordsOfWorld {
  const records = worldKinds.map((kind) => [
    kind,
    (saved[storedKind(kind)] ?? []).map((record) => fromStored(kind, record)),
  ]);
  return Object.fromEntries(records) as RecordsOfWorld;
}

function repeatablePartOf({ durationMs: _, ...attempt }: Attempt) {
  const requestHeaders = attempt.requestHeaders.filter((header) => !isSignature(header));
  if (attempt.answer === undefined) return { ...attempt, requestHeaders };
  const { headers: _headers, ...answer } = attempt.answer;
  return { ...attempt, requestHeaders, answer };
}

function realPartOf({ durationMs, requestHeaders, answer }: Attempt): RealPartOfAttempt {
  const signatures = requestHeaders.filter(isSignature).map(([, line]) => line);
  return { durationMs, signatures, ...(answer?.headers === undefined ? {} : { answerHeaders: answer.headers }) };
}

function withRealPart(attempt: Attempt, { durationMs, signatures, answerHeaders }: RealPartOfAttempt): Attempt {
  const { answer } = attempt;
  return {
    ...attempt,
    requestHeaders: [...attempt.requestHeaders, ...signatures.map((line) => [signatureHeader, line] as const)],
    ...(answer === undefined || answerHeaders === undefined ? {} : { answer: { ...answer, headers: answerHeaders } }),
    durationMs,
  };
}

function presentOpening({ settings, clock }: NonNullable<World["opening"]>): SavedOpening {
  return {
    ...(settings === undefined ? {} : { settings: writeSettings(settings) }),
    ...(clock === undefined ? {} : { clock: clock.mode === "frozen" ? clock : { mode: "running" } }),
  };
}

/** Reads a valid document. */
export function readSnapshot(document: SnapshotDocument): WorldSnapshot {
  const { processingAccountId, settings, opening, clock, ids, real = {} } = document;
  const records = recordsFrom(document.records);
  const { credentials, ...merchant } = document.merchant;
  return {
    world: {
      processingAccountId,
      merchantId: merchant.merchantId,
      settings: settingsOf(settings),
      ...(opening === undefined ? {} : { opening: readOpening(opening) }),
    },
    clock: clock.mode === "frozen" ? clock : { mode: "running", time: real.time },
    merchant,
    credentials,
    records: {
      ...records,
      notification: records.notification.map((notification) => ({
        ...notification,
        attempts: notification.attempts.map((attempt, index) =>
          withRealPart(attempt, real.attempts?.[notification.id]?.[index] ?? unmeasured),
        ),
      })),
    },
    counters: ids,
    requests: real.requests ?? [],
  };
}

const unmeasured: RealPartOfAttempt = { durationMs: 0, signatures: [] };

/** The schema has checked that every setting is valid. */
function settingsOf(saved: SavedSettings): WorldSettings {
  return readSettings(saved, (name, _, complaint) => {
    throw new Error(`the setting ${name} ${complaint}`);
  }) as WorldSettings;
}

function readOpening({ settings, clock }: SavedOpening): NonNullable<World["opening"]> {
  const start: WorldClock | undefined = clock?.mode === "running" ? { mode: "running", shiftMs: 0 } : clock;
  return {
    ...(settings === undefined ? {} : { settings: settingsOf(settings) }),
    ...(start === undefined ? {} : { clock: start }),
  };
}
