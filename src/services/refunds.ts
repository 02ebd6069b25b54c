import { type Caller, maySee } from "../domain/merchant.ts";
import type { Payment } from "../domain/payment.ts";
import { createRefund, decideRefund, type Refund, type RefundRequest } from "../domain/refund.ts";
import { accept, type Result, refuse } from "../domain/refusal.ts";
import { newTask } from "../domain/task.ts";
import { type WorldSettings, worldTime } from "../domain/world.ts";
import type { RealClock } from "../platform/clock.ts";
import type { Ids } from "../platform/ids.ts";
import type { Store, UnitOfWork } from "../store/store.ts";
import { type KeyedRequest, type KeySpace, once } from "./idempotency.ts";
import type { Outcomes } from "./outcomes.ts";
import { worldOf } from "./worlds.ts";

/** Makes refunds and reads them. */
export class Refunds {
  readonly #store: Store;
  readonly #clock: RealClock;
  readonly #ids: Ids;
  readonly #outcomes: Outcomes;

  constructor(store: Store, clock: RealClock, ids: Ids, outcomes: Outcomes) {
    this.#store = store;
    this.#clock = clock;
    this.#ids = ids;
    this.#outcomes = outcomes;
  }

  /**
   * Makes a pending refund and reserves its amount, once for each idempotency key.
   * @param render the text of the answer, which is kept with the key.
   * @returns that text, or `idempotency_key_conflict`, `not_found`, or what `decideRefund` refuses with.
   */
  create(
    paymentId: string,
    request: RefundRequest,
    caller: Caller,
    keyed: KeyedRequest,
    render: (refund: Refund) => string,
  ): Promise<Result<string>> {
    return this.#store.atomically(async (unit) => {
      const found = await unit.get("payment", paymentId);
      if (found === undefined || !maySee(caller, found)) return refuse({ code: "not_found" });
      const world = await worldOf(unit, found);
      const now = worldTime(world.clock, this.#clock.now());
      const space: KeySpace = { processingAccountId: found.processingAccountId, operation: "refunds", now };
      return once(unit, keyed, space, async () => {
        const payment = (await this.#outcomes.current(unit, paymentId, now)) ?? found;
        const made = await this.#create(unit, payment, request, world.settings, now);
        return made.ok ? accept({ payment, body: render(made.value) }) : made;
      });
    });
  }

  async #create(
    unit: UnitOfWork,
    payment: Payment,
    request: RefundRequest,
    settings: WorldSettings,
    now: number,
  ): Promise<Result<Refund>> {
    const refunds = await unit.list("refund", { paymentId: payment.id });
    const entries = await unit.list("entry", { paymentId: payment.id });
    const decided = decideRefund({ payment, refunds, entries }, request.amount, now, settings.refundWindowMs);
    if (!decided.ok) return decided;
    const made = {
      id: this.#ids.ksuid("refund", payment.processingAccountId, now),
      trackId: this.#ids.token("refund_track", payment.processingAccountId),
    };
    const asked = { merchantReference: request.merchantReference, ...decided.value };
    const { refund, movements } = createRefund(payment, asked, made, now);
    await unit.save("refund", refund);
    await this.#outcomes.append(unit, payment, movements);
    await unit.save("task", newTask("complete_refund", refund, now + settings.refundDelayMs));
    return accept(refund);
  }

  /** Reads a refund by the id in its `trackingUrl`. */
  track(trackId: string, caller: Caller): Promise<Result<Refund>> {
    return this.#store.atomically(async (unit) => {
      const [found] = await unit.list("refund", { trackId });
      if (found === undefined) return refuse({ code: "not_found" });
      const { clock, merchantId } = await worldOf(unit, found);
      if (!maySee(caller, { merchantId })) return refuse({ code: "not_found" });
      await this.#outcomes.current(unit, found.paymentId, worldTime(clock, this.#clock.now()));
      return accept((await unit.get("refund", found.id)) ?? found);
    });
  }
}
