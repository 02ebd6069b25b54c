import type { Stage } from "../../stage.ts";

/** What the sandbox's ledger says about some payments, in HKD. */
export interface Held {
  readonly captured: number;
  readonly refunded: number;
  /** Refunds that are pending. */
  readonly reserved: number;
  /** Captured minus refunded. */
  readonly held: number;
}

/** Sums the ledger over payments. */
export async function ledgerOf(stage: Stage, paymentIds: Iterable<string>): Promise<Held> {
  const cents = { captured: 0, refunded: 0, reserved: 0 };
  for (const id of paymentIds) {
    const { amounts } = await stage.world.payments.get(id);
    cents.captured += Math.round(amounts.captured * 100);
    cents.refunded += Math.round(amounts.refunded * 100);
    cents.reserved += Math.round(amounts.reserved * 100);
  }
  const { captured, refunded, reserved } = cents;
  const held = (captured - refunded) / 100;
  return { captured: captured / 100, refunded: refunded / 100, reserved: reserved / 100, held };
}
