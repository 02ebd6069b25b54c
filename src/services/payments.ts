import type { LedgerEntry } from "../domain/ledger.ts";
import { type Caller, maySee } from "../domain/merchant.ts";
import {
  actOnPayment,
  checkPaymentRequest,
  createPayment,
  type DeclineReason,
  type PayerAction,
  type Payment,
  type PaymentRequest,
  scanPayment,
} from "../domain/payment.ts";
import type { Refund } from "../domain/refund.ts";
import { accept, type Result, refuse } from "../domain/refusal.ts";
import { newTask } from "../domain/task.ts";
import { type World, worldTime } from "../domain/world.ts";
import type { RealClock } from "../platform/clock.ts";
import type { Ids } from "../platform/ids.ts";
import type { Store, UnitOfWork } from "../store/store.ts";
import { type KeyedRequest, once } from "./idempotency.ts";
import type { Outcomes } from "./outcomes.ts";
import { type Worlds, worldOf } from "./worlds.ts";

/** What can be done about a payment that waits: the payer's acts, and opening the wallet. */
export type Act = PayerAction | "scan";

/** A payment with its world, and what time it is there. */
export interface PaymentView {
  readonly payment: Payment;
  readonly world: World;
  readonly now: number;
}

/** A payment with its refunds and its part of the ledger. */
export interface WholePayment extends PaymentView {
  readonly refunds: readonly Refund[];
  readonly entries: readonly LedgerEntry[];
}

/** Whoever has the token in a page's URL may see the page. */
const anyone: Caller = { merchantId: undefined };

/** Creates payments, reads them, and acts on them. */
export class Payments {
  readonly #store: Store;
  readonly #clock: RealClock;
  readonly #ids: Ids;
  readonly #worlds: Worlds;
  readonly #outcomes: Outcomes;

  constructor(store: Store, clock: RealClock, ids: Ids, worlds: Worlds, outcomes: Outcomes) {
    this.#store = store;
    this.#clock = clock;
    this.#ids = ids;
    this.#worlds = worlds;
    this.#outcomes = outcomes;
  }

  /**
   * Creates a pending payment, once for each idempotency key.
   * @param render the text of the answer, which is kept with the key.
   * @returns that text, or `amount_above_maximum`, `unknown_processing_account` or `idempotency_key_conflict`.
   */
  create(
    request: PaymentRequest,
    caller: Caller,
    keyed: KeyedRequest,
    render: (payment: Payment) => string,
  ): Promise<Result<string>> {
    return this.#store.atomically(async (unit) => {
      const { processingAccountId } = request;
      const { world, known } = await this.#worlds.forPayment(unit, processingAccountId);
      const own = maySee(caller, world);
      // Another merchant's limits are not to be found out.
      const { settings } = own ? world : this.#worlds.newWorld(processingAccountId);
      const refusal = checkPaymentRequest(request, settings);
      if (refusal !== undefined) return refuse(refusal);
      if (!own || (!known && !this.#worlds.mayOpen(processingAccountId))) {
        return refuse({ code: "unknown_processing_account" });
      }
      const now = worldTime(world.clock, this.#clock.now());
      return once(unit, keyed, { processingAccountId, operation: "payments", now }, async () => {
        if (!known) await unit.save("world", world);
        const payment = await this.#create(unit, request, world, now);
        return accept({ payment, body: render(payment) });
      });
    });
  }

  /** Reads a payment by its id. */
  get(id: string, caller: Caller): Promise<Result<PaymentView>> {
    return this.#view(caller, (unit) => unit.get("payment", id));
  }

  /** Reads a payment by the id in its `trackingUrl`. */
  track(trackId: string, caller: Caller): Promise<Result<PaymentView>> {
    return this.#view(caller, async (unit) => (await unit.list("payment", { trackId }))[0]);
  }

  /** Reads a payment by the token in the URL of its pages. */
  byPageToken(pageToken: string): Promise<Result<PaymentView>> {
    return this.#view(anyone, async (unit) => (await unit.list("payment", { pageToken }))[0]);
  }

  /** A payment with all that belongs to it. */
  whole(id: string): Promise<Result<WholePayment>> {
    return this.#store.atomically(async (unit) => {
      const view = await this.#current(unit, await unit.get("payment", id));
      if (!view.ok) return view;
      const refunds = await unit.list("refund", { paymentId: id });
      const entries = await unit.list("entry", { paymentId: id });
      return accept({ ...view.value, refunds, entries });
    });
  }

  /**
   * Acts on a payment, as the buttons of the pages and the control API do.
   * @returns the payment afterwards, `not_found`, or `action_not_allowed` for a payment that is not pending.
   */
  act(id: string, action: Act, reason?: DeclineReason): Promise<Result<PaymentView>> {
    return this.#store.atomically(async (unit) => {
      const view = await this.#current(unit, await unit.get("payment", id));
      if (!view.ok) return view;
      const { payment, world, now } = view.value;
      if (action === "scan") {
        const scanned = scanPayment(payment, now);
        if (scanned !== payment) await unit.save("payment", scanned);
        return accept({ payment: scanned, world, now });
      }
      const change = actOnPayment(payment, action, now, reason);
      if (!change.ok) return change;
      await this.#outcomes.saveChange(unit, world, change.value);
      return accept({ payment: change.value.payment, world, now });
    });
  }

  async #create(unit: UnitOfWork, request: PaymentRequest, world: World, now: number): Promise<Payment> {
    const { processingAccountId, merchantId, settings } = world;
    const made = {
      id: this.#ids.ksuid("payment", processingAccountId, now),
      merchantId,
      trackId: this.#ids.token("payment_track", processingAccountId),
      pageToken: this.#ids.token("page", processingAccountId),
    };
    const payment = createPayment(request, made, now, settings.expiryMs);
    await unit.save("payment", payment);
    await unit.save("task", newTask("expire_payment", { ...payment, paymentId: payment.id }, payment.expireTime));
    return payment;
  }

  #view(caller: Caller, find: (unit: UnitOfWork) => Promise<Payment | undefined>): Promise<Result<PaymentView>> {
    return this.#store.atomically(async (unit) => {
      const found = await find(unit);
      return this.#current(unit, found !== undefined && maySee(caller, found) ? found : undefined);
    });
  }

  async #current(unit: UnitOfWork, found: Payment | undefined): Promise<Result<PaymentView>> {
    if (found === undefined) return refuse({ code: "not_found" });
    const world = await worldOf(unit, found);
    const now = worldTime(world.clock, this.#clock.now());
    const payment = await this.#outcomes.current(unit, found.id, now);
    return accept({ payment: payment ?? found, world, now });
  }
}
