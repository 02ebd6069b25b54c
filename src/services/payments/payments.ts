import type { LedgerEntry } from "../../domain/ledger.ts";
import { type Caller, maySee } from "../../domain/merchant.ts";
import type { Notification } from "../../domain/notification.ts";
import {
  checkPaymentRequest,
  createPayment,
  type DeclineReason,
  type PayerAction,
  type PayerOptions,
  type Payment,
  type PaymentRequest,
  scanPayment,
} from "../../domain/payment.ts";
import type { Refund } from "../../domain/refund.ts";
import { accept, type Result, refuse } from "../../domain/refusal.ts";
import type { AppliedScenario, Scenario } from "../../domain/scenario.ts";
import { newTask, type Task } from "../../domain/task.ts";
import type { ClockChange, PayerPage, TimelineEvent } from "../../domain/timeline.ts";
import { type World, worldTime } from "../../domain/world.ts";
import type { RealClock } from "../../platform/clock.ts";
import type { Ids } from "../../platform/ids.ts";
import type { Store, UnitOfWork } from "../../store/store.ts";
import type { ChangeWaiter } from "../observing/change-waiter.ts";
import { type Worlds, worldOf } from "../worlds/worlds.ts";
import { type KeyedRequest, once } from "./idempotency.ts";
import { refusalOf, type ScenarioResult, type Scenarios } from "./scenarios.ts";
import { decisionBy, type PaymentTransitions } from "./transitions.ts";

/** What can be done about a payment that waiter: the payer's acts, and opening the wallet. */
export type Act = PayerAction | "scan";

/** A payment with its world, and what time it is there. */
export interface PaymentView {
  readonly payment: Payment;
  readonly world: World;
  readonly now: number;
}

/** A payment with all that belongs to it. */
export interface WholePayment extends PaymentView {
  readonly refunds: readonly Refund[];
  readonly entries: readonly LedgerEntry[];
  readonly events: readonly TimelineEvent[];
  readonly notifications: readonly Notification[];
  /** Moves of the world's clock since the payment was created. */
  readonly moves: readonly ClockChange[];
  /** What falls due for it. */
  readonly tasks: readonly Task[];
}

/** What payments are made of. */
export interface PaymentParts {
  readonly store: Store;
  readonly clock: RealClock;
  readonly ids: Ids;
  readonly worlds: Worlds;
  readonly transitions: PaymentTransitions;
  readonly scenarios: Scenarios;
  readonly waiter: ChangeWaiter;
  /** How long an answer is held back for a notification at most, in milliseconds of real time. */
  readonly heldResponseMaxMs: number;
}

/** A payment that is asked for through the API. */
export interface Creation {
  readonly request: PaymentRequest;
  readonly caller: Caller;
  readonly keyed: KeyedRequest;
  /** The scenario that the request's header names. */
  readonly asked?: Scenario | undefined;
  /** The text of the answer, which is kept with the key. */
  readonly render: (payment: Payment) => string;
}

/** So many views of its pages does a payment's timeline tell. */
const viewsMax = 20;

/** Whoever has the token in a page's URL may see the page. */
const anyone: Caller = { merchantId: undefined };

/** Creates payments, reads them, and acts on them. */
export class Payments {
  readonly #store: Store;
  readonly #clock: RealClock;
  readonly #ids: Ids;
  readonly #worlds: Worlds;
  readonly #transitions: PaymentTransitions;
  readonly #scenarios: Scenarios;
  readonly #waiter: ChangeWaiter;
  readonly #heldResponseMaxMs: number;

  constructor({ store, clock, ids, worlds, transitions, scenarios, waiter, heldResponseMaxMs }: PaymentParts) {
    this.#store = store;
    this.#clock = clock;
    this.#ids = ids;
    this.#worlds = worlds;
    this.#transitions = transitions;
    this.#scenarios = scenarios;
    this.#waiter = waiter;
    this.#heldResponseMaxMs = heldResponseMaxMs;
  }

  /**
   * Creates a pending payment, once for each idempotency key, and what a scenario plans for it.
   * @returns the text of the answer, or `amount_above_maximum`, `unknown_processing_account`, `idempotency_key_conflict`,
   * or what a fault before the commit answers; and the scenario that struck.
   */
  async create(creation: Creation): Promise<ScenarioResult<string>> {
    const world = creation.request.processingAccountId;
    const created = await this.#store.atomically((unit) => this.#createOnce(unit, creation), { world });
    const { appliedScenario, payment } = created;
    if (payment !== undefined && appliedScenario?.scenario.webhook === "before_response")
      await this.#firstAttempt(payment);
    return created;
  }

  async #createOnce(
    unit: UnitOfWork,
    { request, caller, keyed, asked, render }: Creation,
  ): Promise<ScenarioResult<string> & { readonly payment?: Payment | undefined }> {
    const { processingAccountId } = request;
    const { world, known } = await this.#worlds.forPayment(unit, processingAccountId);
    const own = maySee(caller, world);
    // Another merchant's limits are not to be found out.
    const { settings } = own ? world : this.#worlds.newWorld(processingAccountId);
    const refusal = checkPaymentRequest(request, settings);
    if (refusal !== undefined) return { result: refuse(refusal) };
    if (!own || (!known && !this.#worlds.mayOpen(processingAccountId))) {
      return { result: refuse({ code: "unknown_processing_account" }) };
    }
    const now = worldTime(world.clock, this.#clock.now());
    let appliedScenario: AppliedScenario | undefined;
    let created: Payment | undefined;
    const result = await once(unit, keyed, { processingAccountId, operation: "payments", now }, async () => {
      const choice = await this.#scenarios.choose(unit, world, { subject: "payment", asked, request });
      appliedScenario = choice.appliedScenario;
      await choice.spend();
      const fault = refusalOf(appliedScenario?.scenario.fault);
      if (fault !== undefined) return refuse(fault);
      if (!known) await unit.save("world", world);
      const payment = await this.#create(unit, request, world, now, appliedScenario);
      created = payment;
      return accept({ payment, body: render(payment) });
    });
    return { result, appliedScenario, payment: created };
  }

  /** Waits until the payment's notification was attempted, or none will be. */
  async #firstAttempt({ id: paymentId, processingAccountId }: Payment): Promise<void> {
    await this.#waiter.until(
      processingAccountId,
      async (unit) => {
        const [notification] = await unit.list("notification", { paymentId });
        const ended = notification !== undefined && (notification.state !== "due" || notification.attempts.length > 0);
        return ended ? { reached: undefined } : { present: {} };
      },
      this.#heldResponseMaxMs,
    );
  }

  /** Reads a payment by its id, through the API. @param asked the scenario that the request's header names. */
  get(id: string, caller: Caller, asked?: Scenario): Promise<ScenarioResult<PaymentView>> {
    return this.#read(caller, asked, (unit) => unit.get("payment", id));
  }

  /** Reads a payment by the id in its `trackingUrl`. @param asked as for `get`. */
  track(trackId: string, caller: Caller, asked?: Scenario): Promise<ScenarioResult<PaymentView>> {
    return this.#read(caller, asked, async (unit) => (await unit.list("payment", { trackId }))[0]);
  }

  /** Reads a payment by the token in the URL of its pages. */
  byPageToken(pageToken: string): Promise<Result<PaymentView>> {
    return this.#store.atomically((unit) => this.byPageTokenIn(unit, pageToken));
  }

  /** The same, inside somebody's unit of work. */
  async byPageTokenIn(unit: UnitOfWork, pageToken: string): Promise<Result<PaymentView>> {
    return this.#current(unit, (await unit.list("payment", { pageToken }))[0], anyone);
  }

  /** A payment with all that belongs to it. */
  whole(id: string): Promise<Result<WholePayment>> {
    return this.#store.atomically((unit) => this.wholeIn(unit, id));
  }

  /** The same, inside somebody's unit of work. */
  async wholeIn(unit: UnitOfWork, id: string): Promise<Result<WholePayment>> {
    const view = await this.#current(unit, await unit.get("payment", id), anyone);
    if (!view.ok) return view;
    const { createTime, processingAccountId } = view.value.payment;
    const moves = await unit.list("clockChange", { processingAccountId });
    return accept({
      ...view.value,
      moves: moves.filter(({ to }) => to >= createTime),
      refunds: await unit.list("refund", { paymentId: id }),
      entries: await unit.list("entry", { paymentId: id }),
      events: await unit.list("event", { paymentId: id }),
      notifications: await unit.list("notification", { paymentId: id }),
      tasks: await unit.list("task", { paymentId: id }),
    });
  }

  /**
   * Acts on a payment, as the buttons of the pages and the control API do.
   * @returns the payment afterwards, `not_found`, or `action_not_allowed` for a payment that is not pending.
   */
  act(id: string, action: Act, reason?: DeclineReason, manner: PayerOptions = {}): Promise<Result<PaymentView>> {
    return this.#store.atomically(async (unit) => {
      const view = await this.#current(unit, await unit.get("payment", id), anyone);
      if (!view.ok) return view;
      const { payment, world, now } = view.value;
      if (action === "scan") return accept({ payment: await this.#scan(unit, payment, now), world, now });
      const planned = payment.appliedScenario?.scenario.afterMs === "payer" && action === "pay";
      const decision = (planned ? decisionBy(payment.appliedScenario?.scenario) : undefined) ?? {
        action,
        reason,
        by: "payer",
      };
      const decided = { ...decision, manner };
      const change = await this.#transitions.decide(unit, world, payment, decided, now);
      return change.ok ? accept({ payment: change.value.payment, world, now }) : change;
    });
  }

  /** Notes that a page was looked at: once for each page and browser, and for twenty of them at most. */
  viewed(id: string, page: PayerPage, agent: string | undefined): Promise<void> {
    return this.#store.atomically(async (unit) => {
      const payment = await unit.get("payment", id);
      if (payment === undefined) return;
      const payload = { kind: "viewed", page, ...(agent === undefined ? {} : { agent }) } as const;
      const views = (await unit.list("event", { paymentId: id })).filter((event) => event.payload.kind === "viewed");
      const told = views.some((event) => JSON.stringify(event.payload) === JSON.stringify(payload));
      if (told || views.length >= viewsMax) return;
      const { clock } = await worldOf(unit, payment);
      await this.#transitions.note(unit, payment, worldTime(clock, this.#clock.now()), payload);
    });
  }

  async #scan(unit: UnitOfWork, payment: Payment, now: number): Promise<Payment> {
    const scanned = scanPayment(payment, now);
    if (scanned === payment) return payment;
    await unit.save("payment", scanned);
    await this.#transitions.note(unit, payment, now, { kind: "scanned" });
    return scanned;
  }

  async #create(
    unit: UnitOfWork,
    request: PaymentRequest,
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
    const payment = createPayment(request, made, now, settings.expiryMs);
    const subject = { ...payment, paymentId: payment.id };
    await unit.save("payment", payment);
    await unit.save("task", newTask("expire_payment", subject, payment.expireTime));
    await this.#transitions.note(unit, payment, now, { kind: "created" });
    if (appliedScenario === undefined) return payment;
    await this.#transitions.note(unit, payment, now, { kind: "scenario", ...appliedScenario });
    const decision = decisionBy(appliedScenario.scenario);
    const { afterMs = settings.outcomeDelayMs, webhook } = appliedScenario.scenario;
    if (webhook === "before_response") {
      await this.#transitions.decide(unit, world, payment, decision ?? { action: "pay", by: "scenario" }, now);
    } else if (decision !== undefined && afterMs !== "payer") {
      await unit.save("task", newTask("decide_payment", subject, now + afterMs));
    }
    return payment;
  }

  #read(
    caller: Caller,
    asked: Scenario | undefined,
    find: (unit: UnitOfWork) => Promise<Payment | undefined>,
  ): Promise<ScenarioResult<PaymentView>> {
    return this.#store.atomically(async (unit) => {
      const view = await this.#current(unit, await find(unit), caller);
      if (!view.ok) return { result: view };
      const { appliedScenario, spend } = await this.#scenarios.choose(unit, view.value.world, {
        subject: "read",
        asked,
      });
      await spend();
      const fault = refusalOf(appliedScenario?.scenario.fault);
      return { result: fault === undefined ? view : refuse(fault), appliedScenario };
    });
  }

  async #current(unit: UnitOfWork, found: Payment | undefined, caller: Caller): Promise<Result<PaymentView>> {
    if (found === undefined || !maySee(caller, found)) return refuse({ code: "not_found" });
    const world = await worldOf(unit, found);
    const now = worldTime(world.clock, this.#clock.now());
    const payment = await this.#transitions.catchUp(unit, found.id, now);
    return accept({ payment: payment ?? found, world, now });
  }
}
