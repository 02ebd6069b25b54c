import { createRefund, decideRefund, type Refund, type RefundRequest } from "../domain/refund.ts";
import { accept, type Result, refuse } from "../domain/refusal.ts";
import { newTask } from "../domain/task.ts";
import { worldTime } from "../domain/world.ts";
import type { RealClock } from "../platform/clock.ts";
import type { Ids } from "../platform/ids.ts";
import type { Store } from "../store/store.ts";
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

  /** Makes a pending refund and reserves its amount. Refuses with `not_found`, or as `decideRefund` says. */
  create(paymentId: string, request: RefundRequest): Promise<Result<Refund>> {
    return this.#store.atomically(async (unit) => {
      const found = await unit.get("payment", paymentId);
      if (found === undefined) return refuse({ code: "not_found" });
      const { settings, clock } = await worldOf(unit, found);
      const now = worldTime(clock, this.#clock.now());
      const payment = (await this.#outcomes.current(unit, paymentId, now)) ?? found;
      const refunds = await unit.list("refund", { paymentId });
      const entries = await unit.list("entry", { paymentId });

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
    });
  }

  /** Reads a refund by the id in its `trackingUrl`. */
  track(trackId: string): Promise<Result<Refund>> {
    return this.#store.atomically(async (unit) => {
      const [found] = await unit.list("refund", { trackId });
      if (found === undefined) return refuse({ code: "not_found" });
      const { clock } = await worldOf(unit, found);
      await this.#outcomes.current(unit, found.paymentId, worldTime(clock, this.#clock.now()));
      return accept((await unit.get("refund", found.id)) ?? found);
    });
  }
}
