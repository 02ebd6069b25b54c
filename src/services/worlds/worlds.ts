import type { ContractChanges } from "../../domain/contract-rules.ts";
import { isKsuid } from "../../domain/ksuid.ts";
import type { Logo } from "../../domain/logo.ts";
import { worldKinds } from "../../domain/records.ts";
import { accept, invalidMember, type Refusal, type Result, refuse, unknownWorld } from "../../domain/refusal.ts";
import { settingsConflict, withSettings } from "../../domain/settings.ts";
import { type World, type WorldClock, type WorldSettings, worldTime } from "../../domain/world.ts";
import type { RealClock } from "../../platform/clock.ts";
import type { Ids } from "../../platform/ids.ts";
import type { Store, UnitOfWork } from "../../store/store.ts";
import { reopenQueue } from "../scheduling/endpoint-queue.ts";
import type { ConfiguredMerchant } from "./configured-merchants.ts";
import { retireKey } from "./hmac-keys.ts";
import { checkLogos, keepLogos, saveConfiguredLogo, saveWorld, withLogoAddress } from "./logos.ts";

/** The initial settings and clock of a world, and whether a world opens on first use. */
export interface WorldDefaults {
  readonly settings: WorldSettings;
  readonly clock: WorldClock;
  /** `open`: a payment in an unknown world opens it. `listed`: the payment is refused. */
  readonly accounts: "open" | "listed";
}

/** The kinds of records that a path names by id. */
export type OwnedKind = "payment" | "refund" | "notification" | "credential";

/** The kinds of ids that continue after a reset, because the merchant keeps its keys. */
const kindsOfKeys = ["credential", "hmac_key"];

const longRunning = { longRunning: true };

/** Opens, finds, resets and removes worlds. */
export class Worlds {
  readonly #store: Store;
  readonly #clock: RealClock;
  readonly #ids: Ids;
  readonly #defaults: WorldDefaults;
  readonly #defaultLogo: Logo | undefined;
  readonly #configured: readonly [ConfiguredMerchant, ...ConfiguredMerchant[]];

  constructor(
    store: Store,
    clock: RealClock,
    ids: Ids,
    defaults: WorldDefaults,
    configured: readonly [ConfiguredMerchant, ...ConfiguredMerchant[]],
  ) {
    this.#store = store;
    this.#clock = clock;
    this.#ids = ids;
    const { settings, logo } = withLogoAddress(defaults.settings);
    this.#defaults = { ...defaults, settings };
    this.#defaultLogo = logo;
    this.#configured = configured;
  }

  get demoId(): string {
    return this.#configured[0].processingAccountIds[0];
  }

  get demoMerchantId(): string {
    return this.#configured[0].merchant.merchantId;
  }

  /** The contract profile of the sandbox: of requests that name no world, and of new worlds. */
  get contract(): ContractChanges | undefined {
    return this.#defaults.settings.contract;
  }

  /** The worlds of the configured merchants. */
  get configuredIds(): readonly string[] {
    return this.#configured.flatMap(({ processingAccountIds }) => processingAccountIds);
  }

  /**
   * Saves the configured merchants and their worlds, except for those that the store already has.
   * @param onTaken receives a configured world that belongs to another merchant; it must throw.
   */
  prepare(onTaken: (processingAccountId: string, merchantId: string) => never): Promise<void> {
    return this.#store.atomically((unit) => this.#saveConfigured(unit, onTaken));
  }

  /** The world of a new payment: a known one, or a new one of the demo merchant that is not saved yet. */
  async forPayment(unit: UnitOfWork, processingAccountId: string): Promise<{ world: World; known: boolean }> {
    const world = await unit.get("world", processingAccountId);
    return { world: world ?? this.newWorld(processingAccountId), known: world !== undefined };
  }

  /** Whether a payment may open this world. */
  mayOpen(processingAccountId: string): boolean {
    return this.#defaults.accounts === "open" && isKsuid(processingAccountId);
  }

  /** Changes some settings of a world. They apply from now on. Refuses with `not_found`. */
  change(processingAccountId: string, settings: Partial<WorldSettings>): Promise<Result<World>> {
    return this.#store.atomically(async (unit) => {
      const world = await unit.get("world", processingAccountId);
      if (world === undefined) return refuse(unknownWorld(processingAccountId));
      const changed = { ...world, settings: withSettings(world.settings, settings) };
      const refusal = refuseConflict(changed.settings) ?? (await checkLogos(unit, changed));
      if (refusal !== undefined) return refuse(refusal);
      await reopenQueue(unit, world.settings, changed, worldTime(world.clock, this.#clock.now()));
      return accept(await saveWorld(unit, changed));
    });
  }

  /**
   * Removes a world, and its merchant if that has no other world. Refuses with `not_found`, and with
   * `action_not_allowed` for the demo world.
   * @param onErase as for `restart`.
   * @param mayRemove decides in the same unit of work. Without its consent the world stays, and `remove` refuses with
   * `not_found`.
   */
  async remove(
    processingAccountId: string,
    onErase: () => void,
    mayRemove: (unit: UnitOfWork) => Promise<boolean> = async () => true,
  ): Promise<Result<undefined>> {
    if (processingAccountId === this.demoId) {
      return refuse({ code: "action_not_allowed", action: "remove", subject: "a world", status: "the demo world" });
    }
    const removed = await this.#store.atomically(async (unit): Promise<Result<undefined>> => {
      const world = await unit.get("world", processingAccountId);
      if (world === undefined) return refuse(unknownWorld(processingAccountId));
      if (!(await mayRemove(unit))) return refuse({ code: "not_found" });
      onErase();
      await eraseWorld(unit, world);
      await unit.remove("world", processingAccountId);
      await keepLogos(unit, processingAccountId, []);
      await unit.remove("use", processingAccountId);
      await removeIdleMerchant(unit, world.merchantId);
      return accept(undefined);
    }, longRunning);
    if (removed.ok) this.#ids.restart(processingAccountId);
    return removed;
  }

  /** Finds a world; without an id, the demo world. */
  async find(processingAccountId = this.demoId): Promise<Result<World>> {
    const world = await this.#store.atomically((unit) => unit.get("world", processingAccountId), { readOnly: true });
    return world === undefined ? refuse(unknownWorld(processingAccountId)) : accept(world);
  }

  /** The logo with that address. */
  logo(address: string): Promise<Logo | undefined> {
    return this.#store.atomically((unit) => unit.get("logo", address), { readOnly: true });
  }

  /** Whether a record belongs to a world; a credential belongs to the worlds of its merchant. */
  owns(processingAccountId: string, kind: OwnedKind, id: string): Promise<boolean> {
    return this.#store.atomically(
      async (unit) => {
        if (kind !== "credential") return (await unit.get(kind, id))?.processingAccountId === processingAccountId;
        const world = await unit.get("world", processingAccountId);
        return world !== undefined && (await unit.get("credential", id))?.merchantId === world.merchantId;
      },
      { readOnly: true },
    );
  }

  /** All worlds by merchant, the demo world first; those of a merchant in the order in which they opened. */
  list(): Promise<World[]> {
    return this.#store.atomically(
      async (unit) => {
        const worlds: World[] = [];
        for (const { merchantId } of await unit.all("merchant"))
          worlds.push(...(await unit.list("world", { merchantId })));
        return worlds;
      },
      { longRunning: true, readOnly: true },
    );
  }

  /** A new world that is not saved yet, of the demo merchant unless another one is given. */
  newWorld(processingAccountId: string, own: Partial<Pick<World, "merchantId" | "opening">> = {}): World {
    const { settings, clock } = { ...this.#defaults, ...own.opening };
    const startTime = this.#clock.now();
    return { processingAccountId, merchantId: this.demoMerchantId, settings, clock, startTime, ...own };
  }

  /**
   * Resets a world: no records, with its initial settings and clock. Its merchant keeps its keys, except for those with
   * a scheduled retirement by this world's clock.
   * @param onErase is called in the unit of work that erases, to abort work that began before.
   */
  async restart(processingAccountId: string, onErase: () => void): Promise<void> {
    await this.#store.atomically(async (unit) => {
      onErase();
      const world = await unit.get("world", processingAccountId);
      if (world === undefined) return;
      await eraseWorld(unit, world);
      const { merchantId, opening } = world;
      await saveWorld(unit, this.newWorld(processingAccountId, { merchantId, ...(opening && { opening }) }));
    }, longRunning);
    this.#ids.restart(processingAccountId, kindsOfKeys);
  }

  /** Removes all records, and saves the configured merchants and worlds again. @param onErase as for `restart`. */
  async restartAll(onErase: () => void): Promise<void> {
    await this.#store.atomically(async (unit) => {
      onErase();
      await unit.clear();
      await this.#saveConfigured(unit);
    }, longRunning);
    this.#ids.restart();
  }

  async #saveConfigured(
    unit: UnitOfWork,
    onTaken?: (processingAccountId: string, merchantId: string) => never,
  ): Promise<void> {
    await saveConfiguredLogo(unit, this.#defaultLogo);
    for (const { merchant, credentials, processingAccountIds, settings } of this.#configured) {
      const { merchantId } = merchant;
      if ((await unit.get("merchant", merchantId)) === undefined) await unit.save("merchant", merchant);
      for (const credential of credentials) {
        if ((await unit.get("credential", credential.kid)) === undefined) await unit.save("credential", credential);
      }
      for (const id of processingAccountIds) {
        const world = await unit.get("world", id);
        if (world !== undefined && world.merchantId !== merchantId) onTaken?.(id, world.merchantId);
        if (world !== undefined) continue;
        const isOwn = Object.keys(settings).length > 0;
        const opening = { settings: withSettings(this.newWorld(id).settings, settings) };
        await saveWorld(unit, this.newWorld(id, { merchantId, ...(isOwn && { opening }) }));
      }
    }
  }
}

/** Refuses settings that cannot go together. */
export function refuseConflict(settings: WorldSettings): Refusal | undefined {
  const conflict = settingsConflict(settings);
  return conflict && invalidMember(`settings.${conflict.name}`, conflict.complaint);
}

/** Removes the records of a world, but not the world. Keys of its merchant with a scheduled retirement retire now. */
export async function eraseWorld(unit: UnitOfWork, world: World): Promise<void> {
  const { processingAccountId } = world;
  for (const task of await unit.list("task", { processingAccountId })) {
    if (task.kind === "retire_key") await retireKey(unit, world, task.subjectId);
  }
  for (const kind of worldKinds) await unit.removeAll(kind, { processingAccountId });
  await unit.remove("lease", processingAccountId);
}

/** Removes a merchant without worlds, and its credentials. */
export async function removeIdleMerchant(unit: UnitOfWork, merchantId: string): Promise<void> {
  if ((await unit.list("world", { merchantId })).length > 0) return;
  for (const { kid } of await unit.list("credential", { merchantId })) await unit.remove("credential", kid);
  await unit.remove("merchant", merchantId);
}

/** The world of a stored record. Throws if it is missing, which is a defect. */
export async function worldOf(unit: UnitOfWork, record: { readonly processingAccountId: string }): Promise<World> {
  const world = await unit.get("world", record.processingAccountId);
  if (world === undefined) throw new Error(`the world ${record.processingAccountId} is not in the store`);
  return world;
}
