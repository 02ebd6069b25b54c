import { type Caller, maySee } from "../../domain/merchant.ts";
import type { Payment } from "../../domain/payment.ts";
import { createRefund, decideRefund, plannedOutcome, type Refund, type RefundRequest } from "../../domain/refund.ts";
import { accept, type Result, refuse } from "../../domain/refusal.ts";
import { type AppliedScenario, refusalOfFault, type Scenario, scenarioFor } from "../../domain/scenario.ts";
import type { RefundOutcome } from "../../domain/statuses.ts";
import { newTask } from "../../domain/task.ts";
import { type World, worldTime } from "../../domain/world.ts";
import type { RealClock } from "../../platform/clock.ts";
import type { Ids } from "../../platform/ids.ts";
import type { Store, UnitOfWork } from "../../store/store.ts";
import { worldOf } from "../worlds/worlds.ts";
import { type KeyedRequest, type KeySpace, once, type RenderedResponse } from "./idempotency.ts";
import type { ScenarioResult, Scenarios } from "./scenarios.ts";
import type { PaymentTransitions } from "./transitions.ts";

/** Dependencies of the refunds. */
export interface RefundParts {
  readonly store: Store;
  readonly clock: RealClock;
  readonly ids: Ids;
  readonly transitions: PaymentTransitions;
  readonly scenarios: Scenarios;
}

/** A refund that a merchant requests through the API. */
export interface RefundCreation {
  readonly paymentId: string;
  readonly request: RefundRequest;
  readonly caller: Caller;
  readonly keyed: KeyedRequest;
  /** The scenario that the header of the request names. */
  readonly requestedScenario?: Scenario | undefined;
  /** Writes the response, which is stored with the key. */
  readonly render: (refund: Refund) => RenderedResponse;
}

/** The payment of a refund, with its world and the world time now. */
interface RefundedPayment {
  readonly payment: Payment;
  readonly world: World;
  readonly now: number;
}

/** Creates refunds, reads them and ends them. */
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
   * Creates a refund, once for each idempotency key: a pending one, which reserves its amount, or a final one.
   * @returns the response, or `idempotency_key_conflict`, `not_found`, a refusal of `decideRefund`, or the
   * refusal of a fault before the commit; and the applied scenario.
   */
  async create(
    unit: UnitOfWork,
    { paymentId, request, caller, keyed, requestedScenario, render }: RefundCreation,
  ): Promise<ScenarioResult<RenderedResponse>> {
    const found = await unit.get("payment", paymentId);
    if (found === undefined || !maySee(caller, found)) return { result: refuse({ code: "not_found" }) };
    const world = await worldOf(unit, found);
    const now = worldTime(world.clock, this.#clock.now());
    const space: KeySpace = { processingAccountId: found.processingAccountId, operation: "refunds", now };
    let appliedScenario: AppliedScenario | undefined;
    const done = await once(unit, keyed, space, async () => {
      const payment = (await this.#transitions.catchUp(unit, paymentId, now)) ?? found;
      const target = { subject: "refund", requestedScenario, hasKey: keyed.key !== undefined } as const;
      const choice = await this.#scenarios.choose(unit, world, target);
      appliedScenario = choice.appliedScenario;
      const { fault } = appliedScenario?.scenario ?? {};
      if (fault !== undefined) await choice.consume();
      const failure = refusalOfFault(fault);
      if (failure !== undefined) return refuse(failure);
      const made = await this.#create(unit, { payment, world, now }, request, appliedScenario, "merchant");
      if (!made.ok) return made;
      if (fault === undefined) await choice.consume();
      return accept({ payment, response: render(made.value) });
    });
    return { result: done.ok ? accept(done.value.response) : done, appliedScenario };
  }

  /**
   * Creates a refund that the merchant did not request: the provider's staff started it.
   * @returns the refund, `not_found`, or a refusal of `decideRefund`.
   */
  startAtProvider(paymentId: string, request: RefundRequest): Promise<Result<Refund>> {
    return this.#store.atomically(async (unit) => {
      const found = await unit.get("payment", paymentId);
      if (found === undefined) return refuse({ code: "not_found" });
      const world = await worldOf(unit, found);
      const now = worldTime(world.clock, this.#clock.now());
      const payment = (await this.#transitions.catchUp(unit, paymentId, now)) ?? found;
      const { appliedScenario, consume } = await this.#scenarios.choose(unit, world, {
        subject: "refund",
        requestedScenario: undefined,
      });
      const made = await this.#create(unit, { payment, world, now }, request, appliedScenario, "provider");
      if (made.ok) await consume();
      return made;
    });
  }

  /** Ends a pending refund now. @returns the refund, `not_found`, or `action_not_allowed` if it is not pending. */
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
    { payment, world, now }: RefundedPayment,
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
    const { merchantReference = payment.merchantReference } = request;
    const requested = { merchantReference, ...decided.value };
    const { refund, movements } = createRefund(payment, requested, made, now);
    await unit.save("refund", refund);
    await this.#transitions.append(unit, payment, movements);
    await this.#transitions.record(unit, payment, now, { kind: "refund", refundId: refund.id, status: "pending", by });
    if (appliedScenario !== undefined)
      await this.#transitions.record(unit, payment, now, { kind: "scenario", ...appliedScenario });
    const { afterMs } = appliedScenario?.scenario ?? {};
    const isFinalAtOnce = payment.contract?.refundMode === "final_at_once";
    const usualDelayMs = isFinalAtOnce ? 0 : world.settings.refundDelayMs;
    const delayMs = typeof afterMs === "number" ? afterMs : usualDelayMs;
    if (isFinalAtOnce && delayMs === 0) {
      return accept(await this.#transitions.finishRefund(unit, world, refund, plannedOutcome(refund), now));
    }
    await unit.save("task", newTask("complete_refund", refund, now + delayMs));
    return accept(refund);
  }

  /**
   * Reads a refund by the id in its `trackingUrl`.
   * @param requestedScenario the scenario that the header of the request names.
   */
  async track(
    unit: UnitOfWork,
    trackId: string,
    caller: Caller,
    requestedScenario?: Scenario,
  ): Promise<ScenarioResult<Refund>> {
    const [found] = await unit.list("refund", { trackId });
    if (found === undefined) return { result: refuse({ code: "not_found" }) };
    const world = await worldOf(unit, found);
    if (!maySee(caller, world)) return { result: refuse({ code: "not_found" }) };
    await this.#transitions.catchUp(unit, found.paymentId, worldTime(world.clock, this.#clock.now()));
    const { appliedScenario, consume } = await this.#scenarios.choose(unit, world, {
      subject: "read",
      requestedScenario,
    });
    await consume();
    const failure = refusalOfFault(appliedScenario?.scenario.fault);
    if (failure !== undefined) return { result: refuse(failure), appliedScenario };
    return { result: accept((await unit.get("refund", found.id)) ?? found), appliedScenario };
  }
}

/** The scenario that the payment's scenario plans for its refunds. */
function plannedBy({ appliedScenario }: Payment): AppliedScenario | undefined {
  if (appliedScenario?.scenario.refunds === undefined) return undefined;
  const { fault: _applied, ...rest } = appliedScenario.scenario;
  const scenario = scenarioFor("refund", rest);
  return scenario === undefined ? undefined : { scenario, trigger: appliedScenario.trigger };
}
