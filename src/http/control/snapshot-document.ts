import type { LoggedRequest } from "../../domain/logged-request.ts";
import type { Credential, Merchant } from "../../domain/merchant.ts";
import type { Attempt, Notification } from "../../domain/notification.ts";
import { readSettings, writeSettings } from "../../domain/settings.ts";
import {
  fromStored,
  kindOfStored,
  type StoredKind,
  type StoredRecord,
  storedKind,
  toStored,
} from "../../domain/stored-names.ts";
import type { Task } from "../../domain/task.ts";
import type { World, WorldClock, WorldSettings } from "../../domain/world.ts";
import type { RecordsOfWorld, WorldSnapshot } from "../../services/lifecycle/snapshots.ts";

/** A clock as a snapshot has it; the time of a running one is real. */
export type SavedClock = { readonly mode: "frozen"; readonly time: number } | { readonly mode: "running" };

export type SavedSettings = ReturnType<typeof writeSettings>;

/** What a world was opened with on purpose. */
export interface SavedOpening {
  readonly settings?: SavedSettings | undefined;
  readonly clock?: SavedClock | undefined;
}

/** An attempt without what was measured on the real clock. */
export type SavedAttempt = Omit<Attempt, "durationMs">;
export type SavedNotification = Omit<Notification, "attempts"> & { readonly attempts: readonly SavedAttempt[] };
export type SavedTask = Omit<Task, "lease" | "holder">;

/** A record of a kind as a snapshot has it. */
export type Saved<K extends keyof RecordsOfWorld> = StoredRecord<K, RecordsOfWorld[K][number]>;

type SavedRecords = {
  readonly [K in Exclude<keyof RecordsOfWorld, "notification" | "task"> as StoredKind<K>]: readonly Saved<K>[];
} & {
  readonly notification: readonly SavedNotification[];
  readonly task: readonly SavedTask[];
};

/** What was measured on the real clock. */
export interface RealPart {
  /** The present of a running clock. */
  readonly time?: number | undefined;
  /** By notification, in order: how long each attempt took, and the lines of its X-Signature, which expire. */
  readonly attempts?:
    | Readonly<Record<string, readonly { readonly durationMs: number; readonly signatures: readonly string[] }[]>>
    | undefined;
  /** The request log, oldest first. */
  readonly requests?: readonly LoggedRequest[] | undefined;
}

/**
 * A world as one JSON document. Settings are spelled as everywhere outside. All else is as the sandbox keeps it: times in
 * milliseconds since 1970, amounts in cents, records by kind in the order in which they were first saved. With a seed and
 * a frozen clock everything outside `real` is the same in every run.
 */
export interface SnapshotDocument {
  readonly format: 1;
  readonly processingAccountId: string;
  readonly settings: SavedSettings;
  /** What a reset brings back. */
  readonly opening?: SavedOpening | undefined;
  readonly clock: SavedClock;
  readonly merchant: Merchant & { readonly credentials: readonly Credential[] };
  readonly records: SavedRecords;
  /** How many ids there were of each kind, where they follow from a seed. */
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
        attempts: notification.attempts.map(({ durationMs: _, ...attempt }) => ({
          ...attempt,
          requestHeaders: attempt.requestHeaders.filter((header) => !isSignature(header)),
        })),
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

function savedRecords(records: RecordsOfWorld): SavedRecords {
  const saved = Object.entries(records).map(([kind, list]) => [
    storedKind(kind),
    list.map((record: object) => toStored(kind, record)),
  ]);
  return Object.fromEntries(saved) as SavedRecords;
}

function recordsFrom(saved: SavedRecords): RecordsOfWorld {
  const records = Object.entries(saved).map(([stored, list]) => {
    const kind = kindOfStored(stored);
    return [kind, list.map((record: object) => fromStored(kind, record))];
  });
  return Object.fromEntries(records) as RecordsOfWorld;
}

function realPartOf({ durationMs, requestHeaders }: Attempt) {
  return { durationMs, signatures: requestHeaders.filter(isSignature).map(([, line]) => line) };
}

function presentOpening({ settings, clock }: NonNullable<World["opening"]>): SavedOpening {
  return {
    ...(settings === undefined ? {} : { settings: writeSettings(settings) }),
    ...(clock === undefined ? {} : { clock: clock.mode === "frozen" ? clock : { mode: "running" } }),
  };
}

/** Reads a document that is right. */
export function readSnapshot(document: SnapshotDocument): WorldSnapshot {
  const { processingAccountId, settings, opening, clock, records, ids, real = {} } = document;
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
      ...recordsFrom(records),
      notification: records.notification.map((notification) => ({
        ...notification,
        attempts: notification.attempts.map((attempt, index) => {
          const { durationMs, signatures } = real.attempts?.[notification.id]?.[index] ?? unmeasured;
          const lines = signatures.map((line) => [signatureHeader, line] as const);
          return { ...attempt, requestHeaders: [...attempt.requestHeaders, ...lines], durationMs };
        }),
      })),
    },
    counters: ids,
    requests: real.requests ?? [],
  };
}

const unmeasured = { durationMs: 0, signatures: [] };

/** What a document has is checked to be whole. */
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
