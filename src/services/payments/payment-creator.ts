import { type Caller, maySee } from "../../domain/merchant.ts";
import { checkPaymentRequest, createPayment, type Payment, type PaymentRequest } from "../../domain/payment.ts";
import { accept, refuse } from "../../domain/refusal.ts";
import { type AppliedScenario, refusalOfFault, type Scenario } from "../../domain/scenario.ts";
import { newTask } from "../../domain/task.ts";
import { type World, worldTime } from "../../domain/world.ts";
import type { RealClock } from "../../platform/clock.ts";
import type { Ids } from "../../platform/ids.ts";
import type { UnitOfWork } from "../../store/store.ts";
import type { HeapGuard } from "../heap-guard.ts";
import type { ChangeWaiter } from "../observing/change-waiter.ts";
import type { Worlds } from "../worlds/worlds.ts";
import { type KeyedRequest, once, type RenderedResponse } from "./idempotency.ts";
import type { ScenarioResult, Scenarios } from "./scenarios.ts";
import { decisionBy, type PaymentTransitions } from "./transitions.ts";

/** Dependencies of the creation of payments. */
export interface PaymentCreatorParts {
  readonly clock: RealClock;
  readonly ids: Ids;
  readonly worlds: Worlds;
  readonly transitions: PaymentTransitions;
  readonly scenarios: Scenarios;
  readonly waiter: ChangeWaiter;
  /** Maximum delay of a response that waits for a notification, in milliseconds of real time. */
  readonly heldResponseMaxMs: number;
  readonly heap: Pick<HeapGuard, "isFull">;
}

/** A payment that a merchant requests through the API. */
export interface PaymentCreation {
  readonly request: PaymentRequest;
  readonly caller: Caller;
  readonly keyed: KeyedRequest;
  /** The scenario that the header of the request names. */
  readonly requestedScenario?: Scenario | undefined;
  /** Base URL of the hosted pages. */
  readonly base: string;
  /** Writes the response, which is stored with the key. */
  readonly render: (payment: Payment) => RenderedResponse;
}

/** The end of a creation. */
export interface CreatedPayment extends ScenarioResult<RenderedResponse> {
  /** The payment of the response; absent if the request was refused. */
  readonly paymentId?: string | undefined;
  /** Absent if the request was refused, or was answered before. */
  readonly payment?: Payment | undefined;
}

/** Creates payments. */
export class PaymentCreator {
  readonly #clock: RealClock;
  readonly #ids: Ids;
  readonly #worlds: Worlds;
  readonly #transitions: PaymentTransitions;
  readonly #scenarios: Scenarios;
  readonly #waiter: ChangeWaiter;
  readonly #heldResponseMaxMs: number;
  readonly #heap: PaymentCreatorParts["heap"];

  constructor({ clock, ids, worlds, transitions, scenarios, waiter, heldResponseMaxMs, heap }: PaymentCreatorParts) {
    this.#heap = heap;
    this.#clock = clock;
    this.#ids = ids;
    this.#worlds = worlds;
    this.#transitions = transitions;
    this.#scenarios = scenarios;
    this.#waiter = waiter;
    this.#heldResponseMaxMs = heldResponseMaxMs;
  }

  /**
   * Creates a pending payment, once for each idempotency key, and schedules the outcome of its scenario.
   * @returns the response, or `amount_above_maximum`, `unknown_processing_account`,
   * `idempotency_key_conflict`, `internal_error` if the heap is full, or the refusal of a fault before the commit; and
   * the applied scenario.
   */
  async create(
    unit: UnitOfWork,
    { request, caller, keyed, requestedScenario, base, render }: PaymentCreation,
  ): Promise<CreatedPayment> {
    const { processingAccountId } = request;
    const { world, known } = await this.#worlds.forPayment(unit, processingAccountId);
    const isOwn = maySee(caller, world);
    // The defaults for a foreign world, so that a response does not reveal another merchant's limits.
    const { settings } = isOwn ? world : this.#worlds.newWorld(processingAccountId);
    const refusal = checkPaymentRequest(request, settings);
    if (refusal !== undefined) return { result: refuse(refusal) };
    if (!isOwn || (!known && !this.#worlds.mayOpen(processingAccountId))) {
      return { result: refuse({ code: "unknown_processing_account" }) };
    }
    const now = worldTime(world.clock, this.#clock.now());
    let appliedScenario: AppliedScenario | undefined;
    let created: Payment | undefined;
    const done = await once(unit, keyed, { processingAccountId, operation: "payments", now }, async () => {
      if (this.#heap.isFull) return refuse({ code: "internal_error", cause: "heap" });
      const target = { subject: "payment", requestedScenario, request, hasKey: keyed.key !== undefined } as const;
      const choice = await this.#scenarios.choose(unit, world, target);
      appliedScenario = choice.appliedScenario;
      await choice.consume();
      const fault = refusalOfFault(appliedScenario?.scenario.fault);
      if (fault !== undefined) return refuse(fault);
      if (!known) await unit.save("world", world);
      const payment = await this.#create(unit, { request, base }, world, now, appliedScenario);
      created = payment;
      return accept({ payment, response: render(payment) });
    });
    if (!done.ok) return { result: done, appliedScenario };
    const { response, paymentId } = done.value;
    return { result: accept(response), appliedScenario, paymentId, payment: created };
  }

  async #create(
    unit: UnitOfWork,
    { request, base }: Pick<PaymentCreation, "request" | "base">,
    world: World,
    now: number,
    appliedScenario: AppliedScenario | undefined,
  ): Promise<Payment> {
    const { processingAccountId, merchantId, settings } = world;
    const made = {
      id: this.#ids.ksuid("payment", processingAccountId, now),
      merchantId,
      trackId: this.#ids.token("payment_track", processingAccountId),
      pageToken: this.#ids.token("page", processingAccountId),
      ...(appliedScenario === undefined ? {} : { appliedScenario }),
    };
    // With the id as the world has it: every request has a text of its own.
    const payment = createPayment({ ...request, processingAccountId }, made, now, settings);
    const subject = { id: payment.id, paymentId: payment.id, processingAccountId };
    await unit.save("payment", payment);
    await unit.save("task", newTask("expire_payment", subject, payment.expireTime));
    await this.#transitions.record(unit, payment, now, { kind: "created" });
    if (payment.contract !== undefined) await this.#transitions.announce(unit, world, payment, base);
    if (appliedScenario === undefined) return payment;
    await this.#transitions.record(unit, payment, now, { kind: "scenario", ...appliedScenario });
    const decision = decisionBy(appliedScenario.scenario);
    const { afterMs = settings.outcomeDelayMs, webhook } = appliedScenario.scenario;
    if (webhook === "before_response") {
      await this.#transitions.decide(unit, world, payment, decision ?? { action: "pay", by: "scenario" }, now);
    } else if (decision !== undefined && afterMs !== "payer") {
      await unit.save("task", newTask("decide_payment", subject, now + afterMs));
    }
    return payment;
  }

  /** Before the response of a created payment: waits for the first attempt of its outcome, if a scenario asks. */
  async beforeResponse({ appliedScenario, payment }: CreatedPayment): Promise<void> {
    if (payment === undefined || appliedScenario?.scenario.webhook !== "before_response") return;
    const { id: paymentId, processingAccountId } = payment;
    await this.#waiter.waitFor(
      processingAccountId,
      async (unit) => {
        const notifications = await unit.list("notification", { paymentId });
        const notification = notifications.find(({ plan }) => plan === "before_response");
        const { state, attempts, queue } = notification ?? { state: "due", attempts: [] };
        // In the queue of its endpoint it may wait for days.
        const ended = state !== "due" || attempts.length > 0 || queue === "waiting";
        return ended ? { reached: undefined } : { present: {} };
      },
      this.#heldResponseMaxMs,
    );
  }
}
