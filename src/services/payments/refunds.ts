import { type Caller, maySee } from "../../domain/merchant.ts";
import type { Payment } from "../../domain/payment.ts";
import {
  createRefund,
  decideRefund,
  type Refund,
  type RefundOutcome,
  type RefundRequest,
} from "../../domain/refund.ts";
import { accept, type Result, refuse } from "../../domain/refusal.ts";
import { type AppliedScenario, type Scenario, scenarioFor } from "../../domain/scenario.ts";
import { newTask } from "../../domain/task.ts";
import { type World, worldTime } from "../../domain/world.ts";
import type { RealClock } from "../../platform/clock.ts";
import type { Ids } from "../../platform/ids.ts";
import type { Store, UnitOfWork } from "../../store/store.ts";
import { worldOf } from "../worlds/worlds.ts";
import { type KeyedRequest, type KeySpace, once } from "./idempotency.ts";
import { refusalOf, type ScenarioResult, type Scenarios } from "./scenarios.ts";
import type { PaymentTransitions } from "./transitions.ts";

/** What refunds are made of. */
export interface RefundParts {
  readonly store: Store;
  readonly clock: RealClock;
  readonly ids: Ids;
  readonly transitions: PaymentTransitions;
  readonly scenarios: Scenarios;
}

/** A refund that is asked for through the API. */
export interface RefundCreation {
  readonly paymentId: string;
  readonly request: RefundRequest;
  readonly caller: Caller;
  readonly keyed: KeyedRequest;
  /** The scenario that the request's header names. */
  readonly asked?: Scenario | undefined;
  /** The text of the answer, which is kept with the key. */
  readonly render: (refund: Refund) => string;
}

/** A payment that is to be refunded, in its world. */
interface RefundSite {
  readonly payment: Payment;
  readonly world: World;
  readonly now: number;
}

/** Makes refunds, reads them, and ends them. */
export class Refunds {
  readonly #store: Store;
  readonly #clock: RealClock;
  readonly #ids: Ids;
  readonly #transitions: PaymentTransitions;
  readonly #scenarios: Scenarios;

  constructor({ store, clock, ids, transitions, scenarios }: RefundParts) {
    this.#store = store;
    this.#clock = clock;
    this.#ids = ids;
    this.#transitions = transitions;
    this.#scenarios = scenarios;
  }

  /**
   * Makes a pending refund and reserves its amount, once for each idempotency key.
   * @returns the text of the answer, or `idempotency_key_conflict`, `not_found`, what `decideRefund` refuses with, or what
   * a fault before the commit answers; and the scenario that struck.
   */
  create({ paymentId, request, caller, keyed, asked, render }: RefundCreation): Promise<ScenarioResult<string>> {
    return this.#store.atomically(async (unit) => {
      const found = await unit.get("payment", paymentId);
      if (found === undefined || !maySee(caller, found)) return { result: refuse({ code: "not_found" }) };
      const world = await worldOf(unit, found);
      const now = worldTime(world.clock, this.#clock.now());
      const space: KeySpace = { processingAccountId: found.processingAccountId, operation: "refunds", now };
      let appliedScenario: AppliedScenario | undefined;
      const result = await once(unit, keyed, space, async () => {
        const payment = (await this.#transitions.catchUp(unit, paymentId, now)) ?? found;
        const choice = await this.#scenarios.choose(unit, world, { subject: "refund", asked });
        appliedScenario = choice.appliedScenario;
        const { fault } = appliedScenario?.scenario ?? {};
        if (fault !== undefined) await choice.spend();
        const failure = refusalOf(fault);
        if (failure !== undefined) return refuse(failure);
        const made = await this.#create(unit, { payment, world, now }, request, appliedScenario, "merchant");
        if (!made.ok) return made;
        if (fault === undefined) await choice.spend();
        return accept({ payment, body: render(made.value) });
      });
      return { result, appliedScenario };
    });
  }

  /**
   * Makes a refund that the merchant did not ask for: somebody started it at the provider.
   * @returns the refund, `not_found`, or what `decideRefund` refuses with.
   */
  startAtProvider(paymentId: string, request: RefundRequest): Promise<Result<Refund>> {
    return this.#store.atomically(async (unit) => {
      const found = await unit.get("payment", paymentId);
      if (found === undefined) return refuse({ code: "not_found" });
      const world = await worldOf(unit, found);
      const now = worldTime(world.clock, this.#clock.now());
      const payment = (await this.#transitions.catchUp(unit, paymentId, now)) ?? found;
      const { appliedScenario, spend } = await this.#scenarios.choose(unit, world, {
        subject: "refund",
        asked: undefined,
      });
      const made = await this.#create(unit, { payment, world, now }, request, appliedScenario, "provider");
      if (made.ok) await spend();
      return made;
    });
  }

  /** Ends a pending refund now. @returns the refund, `not_found`, or `action_not_allowed` where it is not pending. */
  act(id: string, outcome: RefundOutcome): Promise<Result<Refund>> {
    return this.#store.atomically(async (unit) => {
      const found = await unit.get("refund", id);
      if (found === undefined) return refuse({ code: "not_found" });
      const world = await worldOf(unit, found);
      const now = worldTime(world.clock, this.#clock.now());
      await this.#transitions.catchUp(unit, found.paymentId, now);
      const refund = (await unit.get("refund", id)) ?? found;
      if (refund.status !== "pending") {
        return refuse({ code: "action_not_allowed", action: outcome, subject: "a refund", status: refund.status });
      }
      return accept(await this.#transitions.finishRefund(unit, world, refund, outcome, now));
    });
  }

  async #create(
    unit: UnitOfWork,
    { payment, world, now }: RefundSite,
    request: RefundRequest,
    chosen: AppliedScenario | undefined,
    by: "merchant" | "provider",
  ): Promise<Result<Refund>> {
    const refunds = await unit.list("refund", { paymentId: payment.id });
    const entries = await unit.list("entry", { paymentId: payment.id });
    const decided = decideRefund({ payment, refunds, entries }, request.amount, now, world.settings.refundWindowMs);
    if (!decided.ok) return decided;
    const appliedScenario = chosen ?? plannedBy(payment);
    const made = {
      id: this.#ids.ksuid("refund", payment.processingAccountId, now),
      trackId: this.#ids.token("refund_track", payment.processingAccountId),
      ...(appliedScenario === undefined ? {} : { appliedScenario }),
    };
    const asked = { merchantReference: request.merchantReference, ...decided.value };
    const { refund, movements } = createRefund(payment, asked, made, now);
    await unit.save("refund", refund);
    await this.#transitions.append(unit, payment, movements);
    await this.#transitions.note(unit, payment, now, { kind: "refund", refundId: refund.id, status: "pending", by });
    if (appliedScenario !== undefined)
      await this.#transitions.note(unit, payment, now, { kind: "scenario", ...appliedScenario });
    const { afterMs } = appliedScenario?.scenario ?? {};
    const delayMs = typeof afterMs === "number" ? afterMs : world.settings.refundDelayMs;
    await unit.save("task", newTask("complete_refund", refund, now + delayMs));
    return accept(refund);
  }

  /**
   * Reads a refund by the id in its `trackingUrl`.
   * @param asked the scenario that the request's header names.
   */
  track(trackId: string, caller: Caller, asked?: Scenario): Promise<ScenarioResult<Refund>> {
    return this.#store.atomically(async (unit) => {
      const [found] = await unit.list("refund", { trackId });
      if (found === undefined) return { result: refuse({ code: "not_found" }) };
      const world = await worldOf(unit, found);
      if (!maySee(caller, world)) return { result: refuse({ code: "not_found" }) };
      await this.#transitions.catchUp(unit, found.paymentId, worldTime(world.clock, this.#clock.now()));
      const { appliedScenario, spend } = await this.#scenarios.choose(unit, world, { subject: "read", asked });
      await spend();
      const failure = refusalOf(appliedScenario?.scenario.fault);
      if (failure !== undefined) return { result: refuse(failure), appliedScenario };
      return { result: accept((await unit.get("refund", found.id)) ?? found), appliedScenario };
    });
  }
}

/** What the payment's scenario plans for its refunds. */
function plannedBy({ appliedScenario }: Payment): AppliedScenario | undefined {
  if (appliedScenario?.scenario.refunds === undefined) return undefined;
  const { fault: _answered, ...rest } = appliedScenario.scenario;
  const scenario = scenarioFor("refund", rest);
  return scenario === undefined ? undefined : { scenario, trigger: appliedScenario.trigger };
}
