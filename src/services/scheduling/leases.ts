import { heartbeatMs, isExpired, leaseExpiryMs, type WorldLease } from "../../domain/replica.ts";
import { freeTask } from "../../domain/task.ts";
import type { RealClock } from "../../platform/clock.ts";
import type { Store, UnitOfWork } from "../../store/store.ts";

/** So long a dead replica is remembered, in milliseconds of real time. */
const forgetAfterMs = 60_000;

/** What replicas stand on. */
export interface LeaseParts {
  readonly store: Store;
  readonly clock: RealClock;
  /** A text that no other process has. */
  readonly id: string;
}

/**
 * This process among those that work with the same records. It says each second that it lives, and its leases stand for
 * as long as it does; those of a process that is silent for 5 s are void, and what they held is free again. [ours]
 * Where the records are in this process alone, there is nobody to share with, and every lease is its own.
 */
export class Leases {
  readonly id: string;
  readonly #store: Store;
  readonly #clock: RealClock;
  /** Since when it has beaten without a gap: who was cut off itself cannot tell who is dead. */
  #steadySince: number | undefined;
  #beatTime = 0;
  readonly #timers = new Set<() => void>();
  readonly #work = new Set<Promise<void>>();
  #stopped = false;

  constructor({ store, clock, id }: LeaseParts) {
    this.id = id;
    this.#store = store;
    this.#clock = clock;
  }

  /**
   * Says for the first time that it lives, and goes on.
   * @param onLook is called each second with the worlds in which something is due.
   */
  async start(
    onLook: (worlds: readonly string[]) => void | Promise<void>,
    onDefect: (error: unknown) => void,
  ): Promise<void> {
    if (!this.#store.shared) return;
    await this.#beat();
    // A beat waits for nothing else: a replica that has much to do lives still.
    this.#eachSecond(() => this.#beat(), onDefect);
    this.#eachSecond(async () => {
      await this.#buryDead();
      await onLook(await this.#store.worldsWithDueTasks(this.#clock.now()));
    }, onDefect);
  }

  #eachSecond(work: () => Promise<void>, onDefect: (error: unknown) => void): void {
    if (this.#stopped) return;
    const cancel = this.#clock.after(heartbeatMs, () => {
      this.#timers.delete(cancel);
      const done = work()
        .catch((error: unknown) => {
          if (!this.#store.isUnavailable(error)) onDefect(error);
        })
        .finally(() => {
          this.#work.delete(done);
          this.#eachSecond(work, onDefect);
        });
      this.#work.add(done);
    });
    this.#timers.add(cancel);
  }

  /** Gives back all that it holds. What cannot be given back becomes void by itself. */
  async stop(): Promise<void> {
    this.#stopped = true;
    for (const cancel of this.#timers) cancel();
    await Promise.all(this.#work);
    if (!this.#store.shared) return;
    await this.#release(this.id).catch(() => undefined);
  }

  /** Who holds a world's lease: this replica, nobody, or another one that lives. */
  async holderOf(unit: UnitOfWork, processingAccountId: string): Promise<"here" | "nobody" | WorldLease> {
    if (!this.#store.shared) return "here";
    const lease = await unit.get("lease", processingAccountId);
    if (lease === undefined) return "nobody";
    if (lease.holder === this.id) return "here";
    return (await this.#isDead(unit, lease.holder)) ? "nobody" : lease;
  }

  /** Takes a world's lease, which nobody else holds. */
  async take(unit: UnitOfWork, processingAccountId: string, { advancing = false } = {}): Promise<void> {
    if (this.#store.shared) await unit.save("lease", { processingAccountId, holder: this.id, advancing });
  }

  /** Gives a world's lease back, if it is held here. */
  async giveBack(unit: UnitOfWork, processingAccountId: string): Promise<void> {
    if (!this.#store.shared) return;
    const lease = await unit.get("lease", processingAccountId);
    if (lease?.holder === this.id) await unit.remove("lease", processingAccountId);
  }

  /** Whether another replica is at a task of the world. */
  async isAtWorkElsewhere(unit: UnitOfWork, processingAccountId: string): Promise<boolean> {
    for (const { id: holder } of await unit.all("replica")) {
      if (holder === this.id) continue;
      if ((await unit.list("task", { processingAccountId, holder })).length > 0) return true;
    }
    return false;
  }

  async #beat(): Promise<void> {
    const now = this.#clock.now();
    await this.#store.atomically((unit) => unit.save("replica", { id: this.id, heartbeatTime: now }), {
      heartbeat: true,
    });
    if (this.#steadySince === undefined || now - this.#beatTime >= leaseExpiryMs / 2) this.#steadySince = now;
    this.#beatTime = now;
  }

  async #buryDead(): Promise<void> {
    const now = this.#clock.now();
    const all = await this.#store.atomically((unit) => unit.all("replica"), { readOnly: true });
    const silent = all.filter((replica) => replica.id !== this.id && isExpired(replica, now));
    for (const { id } of silent) await this.#release(id);
  }

  /** Frees what a replica holds, and forgets it; a dead one after a while, as it may have leased something at the last. */
  #release(holder: string): Promise<void> {
    return this.#store.atomically(
      async (unit) => {
        if (holder !== this.id && !(await this.#isDead(unit, holder))) return;
        for (const task of await unit.list("task", { holder })) await unit.save("task", freeTask(task));
        await unit.removeAll("lease", { holder });
        const silentMs = this.#clock.now() - ((await unit.get("replica", holder))?.heartbeatTime ?? 0);
        if (holder === this.id || silentMs >= forgetAfterMs) await unit.remove("replica", holder);
      },
      // Whoever stops has not that much time.
      { longRunning: holder !== this.id },
    );
  }

  async #isDead(unit: UnitOfWork, id: string): Promise<boolean> {
    if (id === this.id) return false;
    const replica = await unit.get("replica", id);
    const now = this.#clock.now();
    const mayTell = this.#steadySince !== undefined && now - this.#steadySince >= leaseExpiryMs;
    return replica === undefined || (mayTell && now - this.#beatTime < leaseExpiryMs && isExpired(replica, now));
  }
}
