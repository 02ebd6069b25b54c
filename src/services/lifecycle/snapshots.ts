import type { LoggedRequest } from "../../domain/logged-request.ts";
import type { Credential, Merchant } from "../../domain/merchant.ts";
import { accept, invalidMember, type Refusal, type Result, refuse } from "../../domain/refusal.ts";
import { freeTask } from "../../domain/task.ts";
import { moveClock, type World, type WorldClock, worldTime } from "../../domain/world.ts";
import type { RealClock } from "../../platform/clock.ts";
import type { Ids } from "../../platform/ids.ts";
import { readPublicKey } from "../../security/keys.ts";
import type { Records, Store, UnitOfWork } from "../../store/store.ts";
import type { RequestLog } from "../observing/request-log.ts";
import { merchantOf } from "../worlds/hmac-keys.ts";
import { eraseWorld, kindsOfWorlds, removeIdleMerchant, type Worlds } from "../worlds/worlds.ts";

/** What a world consists of, by kind, each in the order in which it was first saved. Nobody has leased a task. */
export type RecordsOfWorld = { readonly [K in (typeof kindsOfWorlds)[number]]: readonly Records[K][] };

/** All that a world is at one moment. */
export interface WorldSnapshot {
  readonly world: Omit<World, "clock" | "startTime">;
  /** Where its clock stands; a running one without a time is at the present. Milliseconds. */
  readonly clock:
    | { readonly mode: "frozen"; readonly time: number }
    | { readonly mode: "running"; readonly time?: number | undefined };
  readonly merchant: Merchant;
  readonly credentials: readonly Credential[];
  readonly records: RecordsOfWorld;
  /** How many ids it has had of each kind, where ids follow from a seed. */
  readonly counters: Readonly<Record<string, number>>;
  /** Its request log, oldest first. */
  readonly requests: readonly LoggedRequest[];
}

const longRunning = { longRunning: true };

/** Takes worlds down whole, and puts them back. */
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

  /** A world as it is now; a delivery under way counts as not made. Refuses with `not_found`. */
  async take(processingAccountId = this.#worlds.demoId): Promise<Result<WorldSnapshot>> {
    const requests = (await this.#requestLog.all(processingAccountId)).reverse();
    return this.#store.atomically(async (unit) => {
      const found = await unit.get("world", processingAccountId);
      if (found === undefined) return refuse({ code: "not_found" });
      const { clock, startTime: _, ...world } = found;
      const records: Record<string, unknown> = {};
      for (const kind of kindsOfWorlds) records[kind] = await unit.list(kind, { processingAccountId });
      const { task, ...others } = records as unknown as RecordsOfWorld;
      return accept({
        world,
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
   * Puts a world back as it was, and its merchant with its keys, whose other worlds stay as they are. The merchant that it
   * belonged to until now is removed if it has no other world.
   * @param onReplace is called in the unit of work that replaces the world: what runs before it writes nothing after.
   * @returns nothing; `not_found` for a world that is not there, `action_not_allowed` for what belongs to another world or
   * merchant already, `invalid_request` for a key that is none.
   */
  async restore(snapshot: WorldSnapshot, onReplace: () => void): Promise<Result<undefined>> {
    const { world, clock, records, counters } = snapshot;
    const { processingAccountId } = world;
    const restored = await this.#store.atomically(async (unit): Promise<Result<undefined>> => {
      const before = await unit.get("world", processingAccountId);
      if (before === undefined) return refuse({ code: "not_found" });
      const refusal = this.#wrongKey(snapshot) ?? (await foreign(unit, snapshot));
      if (refusal !== undefined) return refuse(refusal);
      onReplace();
      await eraseWorld(unit, before);
      await saveMerchant(unit, snapshot);
      await unit.save("world", { ...world, clock: this.#goOn(clock), startTime: this.#clock.now() });
      for (const kind of kindsOfWorlds) {
        for (const record of records[kind]) await unit.save(kind, record);
      }
      await removeIdleMerchant(unit, before.merchantId);
      this.#ids.restore(processingAccountId, counters);
      return accept(undefined);
    }, longRunning);
    if (restored.ok) await this.#requestLog.restore(processingAccountId, snapshot.requests);
    return restored;
  }

  #goOn({ mode, time }: WorldSnapshot["clock"]): WorldClock {
    const real = this.#clock.now();
    return moveClock(mode === "frozen" ? { mode, time } : { mode, shiftMs: 0 }, time ?? real, real);
  }

  #wrongKey({ world, merchant, credentials }: WorldSnapshot): Refusal | undefined {
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

/** What cannot be saved, because another merchant or another world has it. */
async function foreign(unit: UnitOfWork, { world, credentials, records }: WorldSnapshot): Promise<Refusal | undefined> {
  const taken = (subject: string, owner: string): Refusal => {
    return { code: "action_not_allowed", action: "restore", subject, status: `${owner}'s already` };
  };
  for (const { kid } of credentials) {
    const there = await unit.get("credential", kid);
    if (there !== undefined && there.merchantId !== world.merchantId)
      return taken(`the kid ${kid}`, "another merchant");
  }
  for (const kind of kindsOfWorlds) {
    for (const { id } of records[kind]) {
      const there = await unit.get(kind, id);
      if (there !== undefined && there.processingAccountId !== world.processingAccountId) {
        return taken(`the ${kind} ${id}`, "another world");
      }
    }
  }
  return undefined;
}

async function saveMerchant(unit: UnitOfWork, { merchant, credentials }: WorldSnapshot): Promise<void> {
  await unit.save("merchant", merchant);
  for (const { kid } of await unit.list("credential", { merchantId: merchant.merchantId })) {
    await unit.remove("credential", kid);
  }
  for (const credential of credentials) await unit.save("credential", credential);
}
