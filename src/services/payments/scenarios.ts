import type { PaymentRequest } from "../../domain/payment.ts";
import { accept, type Result, refuse, unknownWorld } from "../../domain/refusal.ts";
import {
  type AppliedScenario,
  appliesWithKey,
  consumedAmountFaultId,
  isOncePerReference,
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

/** Result of a request, and the scenario that applied to it. */
export interface ScenarioResult<T> {
  readonly result: Result<T>;
  readonly appliedScenario?: AppliedScenario | undefined;
}

/** The scenario that applies to a request. It counts as used only after `consume`. */
export interface Choice {
  readonly appliedScenario: AppliedScenario | undefined;
  readonly consume: () => Promise<void>;
}

/** The request that a scenario is chosen for. */
export interface ScenarioTarget {
  readonly subject: ScenarioSubject;
  /** The scenario that the header of the request names. */
  readonly requestedScenario: Scenario | undefined;
  /** Whether the request has an idempotency key. */
  readonly hasKey?: boolean;
  /** The request for a payment. Its amount may choose a scenario. */
  readonly request?: PaymentRequest;
}

/** Maximum length of the queue of one world. */
const queuedMax = 1000;

/** Chooses the scenario of a request: by the header, else the queue, else the amount. [ours] */
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

  /** Finds the scenario that applies, in the unit of work of the request. */
  async choose(
    unit: UnitOfWork,
    world: World,
    { subject, requestedScenario, request, hasKey = false }: ScenarioTarget,
  ): Promise<Choice> {
    const byHeader = requestedScenario === undefined ? undefined : scenarioFor(subject, requestedScenario);
    if (byHeader !== undefined && appliesWithKey(byHeader, hasKey)) {
      return { appliedScenario: { scenario: byHeader, trigger: "header" }, consume: consumeNothing };
    }
    const queue = await unit.list("queued", { processingAccountId: world.processingAccountId });
    const first = queue.find(({ scenario }) => scenario.on === subject && appliesWithKey(scenario, hasKey));
    if (first !== undefined) {
      return { appliedScenario: { scenario: first.scenario, trigger: "queue" }, consume: () => takeOne(unit, first) };
    }
    const byAmount =
      world.settings.magicAmounts && request !== undefined ? scenarioOfAmount(request.amount) : undefined;
    if (byAmount === undefined || request === undefined || !appliesWithKey(byAmount, hasKey)) return noScenario;
    return this.#byAmount(unit, world, request, byAmount);
  }

  /** A fault before the commit applies only to the first request with a reference, so that a retry succeeds. [ours] */
  async #byAmount(unit: UnitOfWork, world: World, request: PaymentRequest, scenario: Scenario): Promise<Choice> {
    const appliedScenario: AppliedScenario = { scenario, trigger: "amount" };
    const { name, fault } = scenario;
    if (name === undefined || fault === undefined || !isOncePerReference(fault)) {
      return { appliedScenario, consume: consumeNothing };
    }
    const { processingAccountId } = world;
    const id = consumedAmountFaultId(processingAccountId, request.merchantReference, name);
    if ((await unit.get("consumedAmountFault", id)) !== undefined) return noScenario;
    return {
      appliedScenario,
      consume: async () => {
        await unit.save("world", world);
        await unit.save("consumedAmountFault", { id, processingAccountId });
      },
    };
  }

  /** The queue of a world, in order; without an id, of the demo world. Refuses with `not_found`. */
  queue(processingAccountId = this.#demoId): Promise<Result<readonly QueuedScenario[]>> {
    return this.#store.atomically(async (unit) => {
      if ((await unit.get("world", processingAccountId)) === undefined)
        return refuse(unknownWorld(processingAccountId));
      return accept(await unit.list("queued", { processingAccountId }));
    });
  }

  /**
   * Adds a scenario to the end of a world's queue.
   * @param times the number of requests that it applies to.
   * @returns the queue, `not_found`, or `action_not_allowed` for a full queue (1,000 scenarios).
   */
  next(
    scenario: Scenario,
    times: number,
    processingAccountId = this.#demoId,
  ): Promise<Result<readonly QueuedScenario[]>> {
    return this.#store.atomically(async (unit) => {
      const world = await unit.get("world", processingAccountId);
      if (world === undefined) return refuse(unknownWorld(processingAccountId));
      const queue = await unit.list("queued", { processingAccountId });
      if (queue.length >= queuedMax) {
        const status = `full: ${queuedMax} scenarios wait in it`;
        return refuse({ code: "action_not_allowed", action: "next", subject: "a queue", status });
      }
      const now = worldTime(world.clock, this.#clock.now());
      const id = this.#ids.ksuid("queued_scenario", processingAccountId, now);
      const queued = { id, processingAccountId, scenario, times };
      await unit.save("queued", queued);
      return accept([...queue, queued]);
    });
  }

  /** Empties a world's queue. Refuses with `not_found`. */
  clear(processingAccountId = this.#demoId): Promise<Result<readonly QueuedScenario[]>> {
    return this.#store.atomically(async (unit) => {
      if ((await unit.get("world", processingAccountId)) === undefined)
        return refuse(unknownWorld(processingAccountId));
      for (const { id } of await unit.list("queued", { processingAccountId })) await unit.remove("queued", id);
      return accept([]);
    });
  }
}

async function consumeNothing(): Promise<void> {}

const noScenario: Choice = { appliedScenario: undefined, consume: consumeNothing };

async function takeOne(unit: UnitOfWork, queued: QueuedScenario): Promise<void> {
  if (queued.times > 1) await unit.save("queued", { ...queued, times: queued.times - 1 });
  else await unit.remove("queued", queued.id);
}
