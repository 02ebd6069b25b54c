import type { PaymentRequest } from "../../domain/payment.ts";
import { accept, type Refusal, type Result, refuse } from "../../domain/refusal.ts";
import {
  type AppliedScenario,
  consumedAmountFaultId,
  type Fault,
  isBeforeCommit,
  type QueuedScenario,
  type Scenario,
  type ScenarioSubject,
  scenarioFor,
  scenarioOfAmount,
} from "../../domain/scenario.ts";
import { type World, worldTime } from "../../domain/world.ts";
import type { RealClock } from "../../platform/clock.ts";
import type { Ids } from "../../platform/ids.ts";
import type { Store, UnitOfWork } from "../../store/store.ts";

/** What came of a request, and the scenario that struck it. */
export interface ScenarioResult<T> {
  readonly result: Result<T>;
  readonly appliedScenario?: AppliedScenario | undefined;
}

/** A scenario that applies to a request; it counts as used only when it is spent. */
export interface Choice {
  readonly appliedScenario: AppliedScenario | undefined;
  readonly spend: () => Promise<void>;
}

/** What is to be struck. */
export interface Target {
  readonly subject: ScenarioSubject;
  /** The scenario that the request's header names. */
  readonly asked: Scenario | undefined;
  /** The request for a payment, whose amount may choose. */
  readonly request?: PaymentRequest;
}

/** So many scenarios may wait in one world. */
const queuedMax = 1000;

/** Chooses what strikes a request: the header, else the queue, else the amount. [ours] */
export class Scenarios {
  readonly #store: Store;
  readonly #clock: RealClock;
  readonly #ids: Ids;
  readonly #demoId: string;

  constructor(store: Store, clock: RealClock, ids: Ids, demoId: string) {
    this.#store = store;
    this.#clock = clock;
    this.#ids = ids;
    this.#demoId = demoId;
  }

  /** Finds the scenario that applies, inside the unit of work of the request. */
  async choose(unit: UnitOfWork, world: World, { subject, asked, request }: Target): Promise<Choice> {
    const byHeader = asked === undefined ? undefined : scenarioFor(subject, asked);
    if (byHeader !== undefined)
      return { appliedScenario: { scenario: byHeader, trigger: "header" }, spend: spendNothing };
    const waiting = await unit.list("queued", { processingAccountId: world.processingAccountId });
    const first = waiting.find(({ scenario }) => scenario.on === subject);
    if (first !== undefined) {
      return { appliedScenario: { scenario: first.scenario, trigger: "queue" }, spend: () => takeOne(unit, first) };
    }
    const magic = world.settings.magicAmounts && request !== undefined ? scenarioOfAmount(request.amount) : undefined;
    if (magic === undefined || request === undefined) return { appliedScenario: undefined, spend: spendNothing };
    return this.#byAmount(unit, world, request, magic);
  }

  /** A fault before the commit strikes the first request with a reference, so that the next one can succeed. [ours] */
  async #byAmount(unit: UnitOfWork, world: World, request: PaymentRequest, scenario: Scenario): Promise<Choice> {
    const appliedScenario: AppliedScenario = { scenario, trigger: "amount" };
    const { name, fault } = scenario;
    if (name === undefined || fault === undefined || !isBeforeCommit(fault))
      return { appliedScenario, spend: spendNothing };
    const { processingAccountId } = world;
    const id = consumedAmountFaultId(processingAccountId, request.merchantReference, name);
    if ((await unit.get("consumedAmountFault", id)) !== undefined)
      return { appliedScenario: undefined, spend: spendNothing };
    return {
      appliedScenario,
      spend: async () => {
        await unit.save("world", world);
        await unit.save("consumedAmountFault", { id, processingAccountId });
      },
    };
  }

  /** The scenarios that wait in a world, in order; without an id, the demo world. Refuses with `not_found`. */
  queue(processingAccountId = this.#demoId): Promise<Result<readonly QueuedScenario[]>> {
    return this.#store.atomically(async (unit) => {
      if ((await unit.get("world", processingAccountId)) === undefined) return refuse({ code: "not_found" });
      return accept(await unit.list("queued", { processingAccountId }));
    });
  }

  /**
   * Puts a scenario at the end of a world's queue.
   * @param times how many requests it strikes.
   * @returns the queue, `not_found`, or `action_not_allowed` where 1,000 wait already.
   */
  next(
    scenario: Scenario,
    times: number,
    processingAccountId = this.#demoId,
  ): Promise<Result<readonly QueuedScenario[]>> {
    return this.#store.atomically(async (unit) => {
      const world = await unit.get("world", processingAccountId);
      if (world === undefined) return refuse({ code: "not_found" });
      const waiting = await unit.list("queued", { processingAccountId });
      if (waiting.length >= queuedMax) {
        const status = `full: ${queuedMax} scenarios wait in it`;
        return refuse({ code: "action_not_allowed", action: "next", subject: "a queue", status });
      }
      const now = worldTime(world.clock, this.#clock.now());
      const id = this.#ids.ksuid("queued_scenario", processingAccountId, now);
      const queued = { id, processingAccountId, scenario, times };
      await unit.save("queued", queued);
      return accept([...waiting, queued]);
    });
  }

  /** Empties a world's queue. Refuses with `not_found`. */
  clear(processingAccountId = this.#demoId): Promise<Result<readonly QueuedScenario[]>> {
    return this.#store.atomically(async (unit) => {
      if ((await unit.get("world", processingAccountId)) === undefined) return refuse({ code: "not_found" });
      for (const { id } of await unit.list("queued", { processingAccountId })) await unit.remove("queued", id);
      return accept([]);
    });
  }
}

/** What a fault before the commit answers. */
export function refusalOf(fault: Fault | undefined): Refusal | undefined {
  if (fault === undefined || !isBeforeCommit(fault)) return undefined;
  return { code: fault === "rate_limited" ? "rate_limited" : "internal_error" };
}

async function spendNothing(): Promise<void> {}

async function takeOne(unit: UnitOfWork, queued: QueuedScenario): Promise<void> {
  if (queued.times > 1) await unit.save("queued", { ...queued, times: queued.times - 1 });
  else await unit.remove("queued", queued.id);
}
