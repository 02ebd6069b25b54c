import type { LoggedRequest } from "../../domain/logged-request.ts";
import type { Credential, Merchant } from "../../domain/merchant.ts";
import { type RecordsOfWorld, worldKinds } from "../../domain/records.ts";
import { accept, invalidMember, type Refusal, type Result, refuse, unknownWorld } from "../../domain/refusal.ts";
import { freeTask } from "../../domain/task.ts";
import { moveClock, type World, type WorldClock, worldTime } from "../../domain/world.ts";
import type { RealClock } from "../../platform/clock.ts";
import type { Ids } from "../../platform/ids.ts";
import { readPublicKey } from "../../security/keys.ts";
import type { Store, UnitOfWork } from "../../store/store.ts";
import type { RequestLog } from "../observing/request-log.ts";
import { reopenQueue } from "../scheduling/endpoint-queue.ts";
import { merchantOf } from "../worlds/hmac-keys.ts";
import { checkLogos, saveWorld, withLogoData } from "../worlds/logos.ts";
import { eraseWorld, removeIdleMerchant, type Worlds } from "../worlds/worlds.ts";

/** The whole state of a world at one moment. Its tasks have no leases. */
export interface WorldSnapshot {
  readonly world: Omit<World, "clock" | "startTime">;
  /** Its clock and time, in milliseconds. A running clock without a time continues at real time. */
  readonly clock:
    | { readonly mode: "frozen"; readonly time: number }
    | { readonly mode: "running"; readonly time?: number | undefined };
  readonly merchant: Merchant;
  readonly credentials: readonly Credential[];
  readonly records: RecordsOfWorld;
  /** The number of ids of each kind, if ids are derived from a seed. */
  readonly counters: Readonly<Record<string, number>>;
  /** Its request log, oldest first. */
  readonly requests: readonly LoggedRequest[];
}

/** The endpoint of a restored world: that of the world before, that of the snapshot, or a given URL. */
export type RestoredEndpoint = "keep" | "restore" | { readonly webhookUrl: string };

const longRunning = { longRunning: true };

/** Takes and restores snapshots of worlds. */
export class Snapshots {
  readonly #store: Store;
  readonly #clock: RealClock;
  readonly #ids: Ids;
  readonly #worlds: Worlds;
  readonly #requestLog: RequestLog;

  constructor(store: Store, clock: RealClock, ids: Ids, worlds: Worlds, requestLog: RequestLog) {
    this.#store = store;
    this.#clock = clock;
    this.#ids = ids;
    this.#worlds = worlds;
    this.#requestLog = requestLog;
  }

  /** Takes a snapshot. An attempt in progress counts as not made. Refuses with `not_found`. */
  async take(processingAccountId = this.#worlds.demoId): Promise<Result<WorldSnapshot>> {
    const requests = (await this.#requestLog.all(processingAccountId)).reverse();
    return this.#store.atomically(async (unit) => {
      const found = await unit.get("world", processingAccountId);
      if (found === undefined) return refuse(unknownWorld(processingAccountId));
      const { clock, startTime: _, ...world } = found;
      const records: Record<string, unknown> = {};
      for (const kind of worldKinds) records[kind] = await unit.list(kind, { processingAccountId });
      const { task, ...others } = records as unknown as RecordsOfWorld;
      return accept({
        world: await withLogos(unit, world),
        clock: { mode: clock.mode, time: worldTime(clock, this.#clock.now()) },
        merchant: await merchantOf(unit, world),
        credentials: await unit.list("credential", { merchantId: world.merchantId }),
        records: { ...others, task: task.map(freeTask) },
        counters: this.#ids.counters(processingAccountId),
        requests: requests.map(({ sequence: _, ...request }) => request),
      });
    }, longRunning);
  }

  /**
   * Restores a world and its merchant with its keys. Other worlds of that merchant do not change. The present merchant
   * of the world is removed if it has no other world.
   * @param endpoint the endpoint of the restored world, now and after a reset.
   * @param onReplace is called in the unit of work that replaces the world, to end work in progress.
   * @returns `not_found` for an unknown world, `action_not_allowed` for a record, token, kid or merchant that belongs
   * to another world or merchant, `invalid_request` for an invalid key.
   */
  async restore(
    snapshot: WorldSnapshot,
    endpoint: RestoredEndpoint,
    onReplace: () => void,
  ): Promise<Result<undefined>> {
    const { clock, records, counters } = snapshot;
    const { processingAccountId } = snapshot.world;
    const restored = await this.#store.atomically(async (unit): Promise<Result<undefined>> => {
      const before = await unit.get("world", processingAccountId);
      if (before === undefined) return refuse(unknownWorld(processingAccountId));
      const refusal =
        this.#checkKeys(snapshot) ??
        (await checkOwnership(unit, snapshot, before.merchantId)) ??
        (await checkLogos(unit, snapshot.world));
      if (refusal !== undefined) return refuse(refusal);
      onReplace();
      await eraseWorld(unit, before);
      await saveMerchant(unit, snapshot);
      const world = this.#withEndpoint(snapshot.world, endpoint, before);
      const restored = { ...world, clock: this.#clockFrom(clock), startTime: this.#clock.now() };
      await saveWorld(unit, restored);
      for (const kind of worldKinds) {
        for (const record of records[kind]) await unit.save(kind, record);
      }
      await reopenQueue(unit, snapshot.world.settings, restored, worldTime(restored.clock, this.#clock.now()));
      await removeIdleMerchant(unit, before.merchantId);
      this.#ids.restore(processingAccountId, this.#ids.areCounted ? atLeastUsed(counters, records) : counters);
      return accept(undefined);
    }, longRunning);
    if (restored.ok) await this.#requestLog.restore(processingAccountId, snapshot.requests);
    return restored;
  }

  #withEndpoint(restored: WorldSnapshot["world"], endpoint: RestoredEndpoint, before: World): WorldSnapshot["world"] {
    if (endpoint === "restore") return restored;
    const { opening } = restored;
    const defaults = this.#worlds.newWorld(before.processingAccountId).settings;
    const kept = endpoint === "keep" ? before.settings : endpoint;
    const keptAtStart = endpoint === "keep" ? (before.opening?.settings ?? defaults) : endpoint;
    const settings = { ...restored.settings, webhookUrl: kept.webhookUrl };
    const start = opening?.settings ?? (keptAtStart.webhookUrl === defaults.webhookUrl ? undefined : defaults);
    if (start === undefined) return { ...restored, settings };
    const started = { ...opening, settings: { ...start, webhookUrl: keptAtStart.webhookUrl } };
    return { ...restored, settings, opening: started };
  }

  #clockFrom({ mode, time }: WorldSnapshot["clock"]): WorldClock {
    const real = this.#clock.now();
    return moveClock(mode === "frozen" ? { mode, time } : { mode, shiftMs: 0 }, time ?? real, real);
  }

  #checkKeys({ world, merchant, credentials }: WorldSnapshot): Refusal | undefined {
    const { demoId, demoMerchantId } = this.#worlds;
    if (world.processingAccountId === demoId && merchant.merchantId !== demoMerchantId) {
      return invalidMember("merchant.merchantId", `must be ${demoMerchantId} for the demo world`);
    }
    for (const [index, { publicKey }] of credentials.entries()) {
      const read = readPublicKey(publicKey);
      if ("complaint" in read) return invalidMember(`merchant.credentials.${index}.publicKey`, read.complaint);
    }
    return undefined;
  }
}

/** A world whose settings contain their logo. */
async function withLogos<W extends WorldSnapshot["world"]>(unit: UnitOfWork, world: W): Promise<W> {
  const { settings, opening } = world;
  if (opening?.settings === undefined) return { ...world, settings: await withLogoData(unit, settings) };
  const start = { ...opening, settings: await withLogoData(unit, opening.settings) };
  return { ...world, settings: await withLogoData(unit, settings), opening: start };
}

/** Counters that are not below the number of ids in use: a lower one would make the same ids and tokens again. */
function atLeastUsed(counters: WorldSnapshot["counters"], records: RecordsOfWorld): WorldSnapshot["counters"] {
  const { payment, refund, entry, event, notification } = records;
  const used = {
    payment,
    payment_track: payment,
    page: payment,
    refund,
    refund_track: refund,
    entry,
    event,
    notification,
  };
  const raised = Object.entries(used).flatMap(([kind, { length }]) => {
    return length > (counters[kind] ?? 0) ? [[kind, length] as const] : [];
  });
  return { ...counters, ...Object.fromEntries(raised) };
}

/**
 * Refuses a merchant, records and credentials that belong to another world or merchant, and tokens in use there.
 * @param presentMerchantId the merchant that has the world now.
 */
async function checkOwnership(
  unit: UnitOfWork,
  { world, merchant, credentials, records }: WorldSnapshot,
  presentMerchantId: string,
): Promise<Refusal | undefined> {
  if (merchant.merchantId !== presentMerchantId && !(await hasKeys(unit, merchant, credentials))) {
    return taken(`the merchant ${merchant.merchantId}`, "another world");
  }
  for (const { kid } of credentials) {
    const existing = await unit.get("credential", kid);
    if (existing !== undefined && existing.merchantId !== world.merchantId) {
      return taken(`the kid ${kid}`, "another merchant");
    }
  }
  for (const kind of worldKinds) {
    for (const { id } of records[kind]) {
      const existing = await unit.get(kind, id);
      if (existing !== undefined && existing.processingAccountId !== world.processingAccountId) {
        return taken(`the ${kind} ${id}`, "another world");
      }
    }
  }
  return checkTokens(unit, world.processingAccountId, records);
}

/** Refuses a `trackId` or `pageToken` that a record of another world has. */
async function checkTokens(
  unit: UnitOfWork,
  processingAccountId: string,
  { payment: payments, refund: refunds }: RecordsOfWorld,
): Promise<Refusal | undefined> {
  const isElsewhere = (found: readonly { readonly processingAccountId: string }[]) =>
    found.some((record) => record.processingAccountId !== processingAccountId);
  for (const { id, trackId, pageToken } of payments) {
    const present = await unit.get("payment", id);
    if (present?.trackId === trackId && present.pageToken === pageToken) continue;
    if (isElsewhere(await unit.list("payment", { trackId }))) return taken(`the trackId ${trackId}`, "another world");
    if (isElsewhere(await unit.list("payment", { pageToken }))) {
      return taken(`the pageToken of the payment ${id}`, "another world");
    }
  }
  for (const { id, trackId } of refunds) {
    if ((await unit.get("refund", id))?.trackId === trackId) continue;
    if (isElsewhere(await unit.list("refund", { trackId }))) return taken(`the trackId ${trackId}`, "another world");
  }
  return undefined;
}

/** Whether a merchant does not exist, or has these keys: a document cannot replace the keys of another merchant. */
async function hasKeys(unit: UnitOfWork, merchant: Merchant, credentials: readonly Credential[]): Promise<boolean> {
  const present = await unit.get("merchant", merchant.merchantId);
  if (present === undefined) return true;
  const { merchantId } = merchant;
  return keysText(present, await unit.list("credential", { merchantId })) === keysText(merchant, credentials);
}

/** The keys of a merchant as one text. */
function keysText({ hmacKeys }: Merchant, credentials: readonly Credential[]): string {
  const hmac = hmacKeys.map(({ kid, key }) => `${kid} ${key}`);
  const own = credentials.map(({ kid, publicKey, scopes }) => JSON.stringify([kid, publicKey, [...scopes].sort()]));
  return JSON.stringify([hmac.sort(), own.sort()]);
}

function taken(subject: string, owner: string): Refusal {
  return { code: "action_not_allowed", action: "restore", subject, status: `${owner}'s already` };
}

async function saveMerchant(unit: UnitOfWork, { merchant, credentials }: WorldSnapshot): Promise<void> {
  await unit.save("merchant", merchant);
  for (const { kid } of await unit.list("credential", { merchantId: merchant.merchantId })) {
    await unit.remove("credential", kid);
  }
  for (const credential of credentials) await unit.save("credential", credential);
}
