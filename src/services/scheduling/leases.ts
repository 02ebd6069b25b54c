import { heartbeatMs, isExpired, leaseExpiryMs, type WorldLease } from "../../domain/replica.ts";
import { freeTask } from "../../domain/task.ts";
import type { RealClock } from "../../platform/clock.ts";
import type { Store, UnitOfWork } from "../../store/store.ts";

/** How long the record of a dead replica is kept, in milliseconds of real time. */
const deadReplicaKeptMs = 60_000;

/** Dependencies of the leases. */
export interface LeaseParts {
  readonly store: Store;
  readonly clock: RealClock;
  /** The id of this replica. No other process has it. */
  readonly id: string;
}

/**
 * The leases of this replica. It sends a heartbeat each second. Its leases expire 5 s after the last one, and other
 * replicas may then take the worlds and tasks that it held. [ours]
 * With a store of this process alone, every lease is held here and nothing is saved.
 */
export class Leases {
  readonly id: string;
  readonly #store: Store;
  readonly #clock: RealClock;
  /** Start of its heartbeats without a gap. A replica that lost the store itself cannot tell which others are dead. */
  #steadySince: number | undefined;
  #heartbeatTime = 0;
  readonly #timers = new Set<() => void>();
  readonly #work = new Set<Promise<void>>();
  #stopped = false;

  constructor({ store, clock, id }: LeaseParts) {
    this.id = id;
    this.#store = store;
    this.#clock = clock;
  }

  /**
   * Sends the first heartbeat and starts the timers.
   * @param onPoll receives the worlds with due tasks, each second.
   */
  async start(
    onPoll: (worlds: readonly string[]) => void | Promise<void>,
    onDefect: (error: unknown) => void,
  ): Promise<void> {
    if (!this.#store.shared) return;
    await this.#sendHeartbeat();
    // The heartbeat has a timer without other work, so that a busy replica does not lose its leases.
    this.#eachSecond(() => this.#sendHeartbeat(), onDefect);
    this.#eachSecond(async () => {
      await this.#releaseExpired();
      await onPoll(await this.#store.worldsWithDueTasks(this.#clock.now()));
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

  /** Stops the heartbeats and releases all leases. A lease that cannot be released expires. */
  async stop(): Promise<void> {
    this.#stopped = true;
    for (const cancel of this.#timers) cancel();
    await Promise.all(this.#work);
    if (!this.#store.shared) return;
    await this.#releaseAll(this.id).catch(() => undefined);
  }

  /** The holder of a world's lease: this replica, nobody, or a live replica elsewhere. */
  async holderOf(unit: UnitOfWork, processingAccountId: string): Promise<"here" | "nobody" | WorldLease> {
    if (!this.#store.shared) return "here";
    const lease = await unit.get("lease", processingAccountId);
    if (lease === undefined) return "nobody";
    if (lease.holder === this.id) return "here";
    return (await this.#isDead(unit, lease.holder)) ? "nobody" : lease;
  }

  /** Takes a world's lease. No other replica may hold it. */
  async take(unit: UnitOfWork, processingAccountId: string, { advancing = false } = {}): Promise<void> {
    if (this.#store.shared) await unit.save("lease", { processingAccountId, holder: this.id, advancing });
  }

  /** Releases a world's lease, if this replica holds it. */
  async release(unit: UnitOfWork, processingAccountId: string): Promise<void> {
    if (!this.#store.shared) return;
    const lease = await unit.get("lease", processingAccountId);
    if (lease?.holder === this.id) await unit.remove("lease", processingAccountId);
  }

  /** Whether another replica has leased a task of the world. */
  async hasTasksElsewhere(unit: UnitOfWork, processingAccountId: string): Promise<boolean> {
    for (const { id: holder } of await unit.all("replica")) {
      if (holder === this.id) continue;
      if ((await unit.list("task", { processingAccountId, holder })).length > 0) return true;
    }
    return false;
  }

  async #sendHeartbeat(): Promise<void> {
    const now = this.#clock.now();
    await this.#store.atomically((unit) => unit.save("replica", { id: this.id, heartbeatTime: now }), {
      heartbeat: true,
    });
    if (this.#steadySince === undefined || now - this.#heartbeatTime >= leaseExpiryMs / 2) this.#steadySince = now;
    this.#heartbeatTime = now;
  }

  async #releaseExpired(): Promise<void> {
    const now = this.#clock.now();
    const all = await this.#store.atomically((unit) => unit.all("replica"), { readOnly: true });
    const expired = all.filter((replica) => replica.id !== this.id && isExpired(replica, now));
    for (const { id } of expired) await this.#releaseAll(id);
  }

  /**
   * Frees the tasks and worlds of a replica and removes its record. The record of a dead replica is kept for a while,
   * because its last commits may still arrive.
   */
  #releaseAll(holder: string): Promise<void> {
    return this.#store.atomically(
      async (unit) => {
        if (holder !== this.id && !(await this.#isDead(unit, holder))) return;
        for (const task of await unit.list("task", { holder })) await unit.save("task", freeTask(task));
        await unit.removeAll("lease", { holder });
        const silentMs = this.#clock.now() - ((await unit.get("replica", holder))?.heartbeatTime ?? 0);
        if (holder === this.id || silentMs >= deadReplicaKeptMs) await unit.remove("replica", holder);
      },
      // A replica that shuts down has no time for a long unit of work.
      { longRunning: holder !== this.id },
    );
  }

  async #isDead(unit: UnitOfWork, id: string): Promise<boolean> {
    if (id === this.id) return false;
    const replica = await unit.get("replica", id);
    const now = this.#clock.now();
    const canJudge = this.#steadySince !== undefined && now - this.#steadySince >= leaseExpiryMs;
    return replica === undefined || (canJudge && now - this.#heartbeatTime < leaseExpiryMs && isExpired(replica, now));
  }
}
