import { isKsuid } from "../domain/ksuid.ts";
import { accept, type Result, refuse } from "../domain/refusal.ts";
import type { World, WorldClock, WorldSettings } from "../domain/world.ts";
import type { Ids } from "../platform/ids.ts";
import type { Kind, Store, UnitOfWork } from "../store/store.ts";
import type { Demo } from "./demo-merchant.ts";

/** What every world starts with, and whether one opens by first use. */
export interface WorldDefaults {
  readonly settings: WorldSettings;
  readonly clock: WorldClock;
  /** `open`: a payment in a world never seen opens it. `listed`: it is refused. */
  readonly accounts: "open" | "listed";
}

const kindsOfWorlds = ["payment", "refund", "entry", "notification", "task"] as const satisfies readonly Kind[];

/** Opens worlds, finds them, and puts them back to the start. */
export class Worlds {
  readonly #store: Store;
  readonly #ids: Ids;
  readonly #defaults: WorldDefaults;
  readonly #demo: Demo;

  constructor(store: Store, ids: Ids, defaults: WorldDefaults, demo: Demo) {
    this.#store = store;
    this.#ids = ids;
    this.#defaults = defaults;
    this.#demo = demo;
  }

  get demoId(): string {
    return this.#demo.processingAccountId;
  }

  /** Puts the demo merchant there, where it is not. */
  async prepare(): Promise<void> {
    await this.#store.atomically((unit) => this.#saveDemo(unit));
  }

  /** The world that a payment is created in: one that is there, or a new one of the demo merchant, not saved yet. */
  async forPayment(unit: UnitOfWork, processingAccountId: string): Promise<{ world: World; known: boolean }> {
    const world = await unit.get("world", processingAccountId);
    return { world: world ?? this.#newWorld(processingAccountId), known: world !== undefined };
  }

  /** Whether a payment may open this world. */
  mayOpen(processingAccountId: string): boolean {
    return this.#defaults.accounts === "open" && isKsuid(processingAccountId);
  }

  /** Finds a world; without an id, the demo world. */
  async find(processingAccountId = this.demoId): Promise<Result<World>> {
    const world = await this.#store.atomically((unit) => unit.get("world", processingAccountId));
    return world === undefined ? refuse({ code: "not_found" }) : accept(world);
  }

  async ids(): Promise<string[]> {
    const worlds = await this.#store.atomically((unit) =>
      unit.list("world", { merchantId: this.#demo.merchant.merchantId }),
    );
    return worlds.map((world) => world.processingAccountId);
  }

  /** Puts a world back to the start: empty, with the settings and the clock that worlds begin with. */
  async restart(processingAccountId: string): Promise<void> {
    await this.#store.atomically(async (unit) => {
      await eraseWorld(unit, processingAccountId);
      await unit.save("world", this.#newWorld(processingAccountId));
    });
    this.#ids.restart(processingAccountId);
  }

  /** Removes every world but the demo world, which starts afresh. */
  async restartAll(): Promise<void> {
    const ids = await this.ids();
    await this.#store.atomically(async (unit) => {
      for (const id of ids) {
        await eraseWorld(unit, id);
        await unit.remove("world", id);
      }
      await this.#saveDemo(unit);
    });
    this.#ids.restart();
  }

  async #saveDemo(unit: UnitOfWork): Promise<void> {
    await unit.save("merchant", this.#demo.merchant);
    await unit.save("credential", this.#demo.credential);
    if ((await unit.get("world", this.demoId)) === undefined) await unit.save("world", this.#newWorld(this.demoId));
  }

  #newWorld(processingAccountId: string): World {
    const { settings, clock } = this.#defaults;
    return { processingAccountId, merchantId: this.#demo.merchant.merchantId, settings, clock };
  }
}

async function eraseWorld(unit: UnitOfWork, processingAccountId: string): Promise<void> {
  for (const kind of kindsOfWorlds) {
    for (const { id } of await unit.list(kind, { processingAccountId })) await unit.remove(kind, id);
  }
}

/** The world of a record that is in the store: it cannot be missing. */
export async function worldOf(unit: UnitOfWork, record: { readonly processingAccountId: string }): Promise<World> {
  const world = await unit.get("world", record.processingAccountId);
  if (world === undefined) throw new Error(`the world ${record.processingAccountId} is not in the store`);
  return world;
}
