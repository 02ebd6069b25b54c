import { balances, type LedgerEntry } from "../../domain/ledger.ts";
import { type Caller, maySee } from "../../domain/merchant.ts";
import type { Money } from "../../domain/money.ts";
import type { Notification } from "../../domain/notification.ts";
import { type PayerOptions, type Payment, scanPayment } from "../../domain/payment.ts";
import type { Refund } from "../../domain/refund.ts";
import { accept, type Result, refuse } from "../../domain/refusal.ts";
import { refusalOfFault, type Scenario } from "../../domain/scenario.ts";
import type { DeclineReason, PayerAction } from "../../domain/statuses.ts";
import type { Task } from "../../domain/task.ts";
import type { ClockChange, PayerPage, TimelineEvent } from "../../domain/timeline.ts";
import { type World, worldTime } from "../../domain/world.ts";
import type { RealClock } from "../../platform/clock.ts";
import type { Store, UnitOfWork } from "../../store/store.ts";
import { worldOf } from "../worlds/worlds.ts";
import type { ScenarioResult, Scenarios } from "./scenarios.ts";
import { decisionBy, type PaymentTransitions } from "./transitions.ts";

/** Actions on a pending payment: those of the payer, and opening the wallet. */
export type Act = PayerAction | "scan";

/** A payment with its world, and the world time now. */
export interface PaymentView {
  readonly payment: Payment;
  readonly world: World;
  readonly now: number;
}

/** What a receipt says besides the payment. */
export interface Receipt {
  /** When the payment was paid, or ended without. */
  readonly time: number;
  readonly refunded: Money;
}

/** A payment with all its records. */
export interface WholePayment extends PaymentView {
  readonly refunds: readonly Refund[];
  readonly entries: readonly LedgerEntry[];
  readonly events: readonly TimelineEvent[];
  readonly notifications: readonly Notification[];
  /** The notification that others of the endpoint wait for, if one of this payment does. */
  readonly queueHead?: Notification | undefined;
  /** Changes of the world's clock since the creation of the payment. */
  readonly clockChanges: readonly ClockChange[];
  /** The tasks of the payment. */
  readonly tasks: readonly Task[];
}

/** Dependencies of the payments. */
export interface PaymentParts {
  readonly store: Store;
  readonly clock: RealClock;
  readonly transitions: PaymentTransitions;
  readonly scenarios: Scenarios;
}

/** Maximum number of page views in the timeline of a payment. */
const viewsMax = 20;

/** A page needs no credential besides the token in its URL. */
const anyCaller: Caller = { merchantId: undefined };

/** Reads payments and acts on them. A read runs the tasks of the payment that are due. */
export class Payments {
  readonly #store: Store;
  readonly #clock: RealClock;
  readonly #transitions: PaymentTransitions;
  readonly #scenarios: Scenarios;

  constructor({ store, clock, transitions, scenarios }: PaymentParts) {
    this.#store = store;
    this.#clock = clock;
    this.#transitions = transitions;
    this.#scenarios = scenarios;
  }

  /**
   * Reads a payment by its id, through the API.
   * @param requestedScenario the scenario that the header of the request names.
   */
  async get(
    unit: UnitOfWork,
    id: string,
    caller: Caller,
    requestedScenario?: Scenario,
  ): Promise<ScenarioResult<PaymentView>> {
    return this.#read(unit, await unit.get("payment", id), caller, requestedScenario);
  }

  /** Reads a payment by the id in its `trackingUrl`. @param requestedScenario as for `get`. */
  async track(
    unit: UnitOfWork,
    trackId: string,
    caller: Caller,
    requestedScenario?: Scenario,
  ): Promise<ScenarioResult<PaymentView>> {
    return this.#read(unit, (await unit.list("payment", { trackId }))[0], caller, requestedScenario);
  }

  /** Reads a payment by the token in the URL of its pages. */
  byPageToken(pageToken: string): Promise<Result<PaymentView>> {
    return this.#store.atomically((unit) => this.byPageTokenIn(unit, pageToken));
  }

  /** The same in a given unit of work. */
  async byPageTokenIn(unit: UnitOfWork, pageToken: string): Promise<Result<PaymentView>> {
    return this.#current(unit, (await unit.list("payment", { pageToken }))[0], anyCaller);
  }

  /** Reads the receipt of a payment that ended. */
  receipt({ id, updateTime }: Payment): Promise<Receipt> {
    return this.#store.atomically(async (unit) => {
      const entries = await unit.list("entry", { paymentId: id });
      const captured = entries.find(({ kind }) => kind === "payment_captured");
      return { time: captured?.time ?? updateTime, refunded: balances(entries).refunded };
    });
  }

  /** Reads a payment with all its records. */
  whole(id: string): Promise<Result<WholePayment>> {
    return this.#store.atomically((unit) => this.wholeIn(unit, id));
  }

  /** The same in a given unit of work. */
  async wholeIn(unit: UnitOfWork, id: string): Promise<Result<WholePayment>> {
    const view = await this.#current(unit, await unit.get("payment", id), anyCaller);
    if (!view.ok) return view;
    const { createTime, processingAccountId } = view.value.payment;
    const clockChanges = await unit.list("clockChange", { processingAccountId });
    const notifications = await unit.list("notification", { paymentId: id });
    const isWaiting = notifications.some(({ queue }) => queue === "waiting");
    return accept({
      ...view.value,
      clockChanges: clockChanges.filter(({ to }) => to >= createTime),
      refunds: await unit.list("refund", { paymentId: id }),
      entries: await unit.list("entry", { paymentId: id }),
      events: await unit.list("event", { paymentId: id }),
      notifications,
      ...(isWaiting && { queueHead: await unit.first("notification", { processingAccountId, queue: "head" }) }),
      tasks: await unit.list("task", { paymentId: id }),
    });
  }

  /**
   * Acts on a payment, for the buttons of the pages and the control API.
   * @returns the payment then, `not_found`, or `action_not_allowed` for a payment that is not pending.
   */
  act(id: string, action: Act, reason?: DeclineReason, payerOptions: PayerOptions = {}): Promise<Result<PaymentView>> {
    return this.#store.atomically(async (unit) => {
      const view = await this.#current(unit, await unit.get("payment", id), anyCaller);
      if (!view.ok) return view;
      const { payment, world, now } = view.value;
      if (action === "scan") return accept({ payment: await this.#scan(unit, payment, now), world, now });
      const isPlanned = payment.appliedScenario?.scenario.afterMs === "payer" && action === "pay";
      const decision = (isPlanned ? decisionBy(payment.appliedScenario?.scenario) : undefined) ?? {
        action,
        reason,
        by: "payer",
      };
      const change = await this.#transitions.decide(unit, world, payment, { ...decision, payerOptions }, now);
      return change.ok ? accept({ payment: change.value.payment, world, now }) : change;
    });
  }

  /** Records a page view: once for each page and browser, and 20 views at most. */
  recordView(id: string, page: PayerPage, agent: string | undefined): Promise<void> {
    return this.#store.atomically(async (unit) => {
      const payment = await unit.get("payment", id);
      if (payment === undefined) return;
      const payload = { kind: "viewed", page, ...(agent === undefined ? {} : { agent }) } as const;
      const views = (await unit.list("event", { paymentId: id })).filter((event) => event.payload.kind === "viewed");
      const isRecorded = views.some((event) => JSON.stringify(event.payload) === JSON.stringify(payload));
      if (isRecorded || views.length >= viewsMax) return;
      const { clock } = await worldOf(unit, payment);
      await this.#transitions.record(unit, payment, worldTime(clock, this.#clock.now()), payload);
    });
  }

  async #scan(unit: UnitOfWork, payment: Payment, now: number): Promise<Payment> {
    const scanned = scanPayment(payment, now);
    if (scanned === payment) return payment;
    await unit.save("payment", scanned);
    await this.#transitions.record(unit, payment, now, { kind: "scanned" });
    return scanned;
  }

  async #read(
    unit: UnitOfWork,
    found: Payment | undefined,
    caller: Caller,
    requestedScenario: Scenario | undefined,
  ): Promise<ScenarioResult<PaymentView>> {
    const view = await this.#current(unit, found, caller);
    if (!view.ok) return { result: view };
    const { appliedScenario, consume } = await this.#scenarios.choose(unit, view.value.world, {
      subject: "read",
      requestedScenario,
    });
    await consume();
    const fault = refusalOfFault(appliedScenario?.scenario.fault);
    return { result: fault === undefined ? view : refuse(fault), appliedScenario };
  }

  async #current(unit: UnitOfWork, found: Payment | undefined, caller: Caller): Promise<Result<PaymentView>> {
    if (found === undefined || !maySee(caller, found)) return refuse({ code: "not_found" });
    const world = await worldOf(unit, found);
    const now = worldTime(world.clock, this.#clock.now());
    const payment = await this.#transitions.catchUp(unit, found.id, now);
    return accept({ payment: payment ?? found, world, now });
  }
}
