import type { Notification } from "../../mailbox.ts";
import type { Purchase } from "../../purchase.ts";
import type { Stage } from "../../stage.ts";
import { fail, warn } from "../../verdict.ts";

/** A message that is not genuine. */
interface Forgery {
  readonly body?: string;
  readonly signatures: readonly string[];
}

/**
 * Delivers a forged message about a payment, before the payment is paid. The order must not move. Then the payment is
 * paid and the genuine notification must be taken, which also proves that the forged one had no late effect.
 */
export async function judgeForgery(
  stage: Stage,
  forge: (genuine: Notification, purchase: Purchase) => Forgery,
): Promise<void> {
  const purchase = await stage.checkout();
  const forged = { ...capturedNotification(purchase, stage), id: "3QzcJp1BkKx0000000000000000" };
  const { body = forged.body, signatures } = forge(forged, purchase);
  const { status } = await stage.deliver(forged, { body, signatures });
  await stage.drain();
  const { state, effects } = await stage.order(purchase);
  if (!["unpaid", "failed"].includes(state) || (effects ?? 0) > 0) {
    fail(`A forged notification made the order ${state}.`, "takes_forged");
  }
  await stage.complete(purchase);
  const want = { states: ["paid"], effects: 1, paidAmount: purchase.amount } as const;
  await stage.expect(purchase, want, "After a forged notification the genuine one does not count");
  if (status >= 200 && status < 300)
    warn(`The endpoint answers a forged notification with ${status}.`, "accepts_forged");
}

/** What a notification of a captured payment would be, for a payment that is pending. */
export function capturedNotification(purchase: Purchase, stage: Stage): Notification {
  const { paymentId, reference, amount } = purchase;
  const payload = {
    id: paymentId,
    processingAccountId: stage.world.processingAccountId,
    merchantReference: reference,
    amount: { value: amount, currency: "hkd" },
    status: "captured",
    trackingUrl: `/v1/payments/${paymentId}/track`,
  };
  const id = "3QzcJp1BkKxRehearsalForged0";
  return {
    ...{ id, type: "payment", payload, url: stage.run.signedUrl },
    body: JSON.stringify({ id, type: "payment", payload }),
    headers: { "Content-Type": "application/json" },
  };
}

/** Members that the cases of forged messages share. */
export const shared = {
  group: "forged",
  severity: "critical",
  needs: ["order"],
  rule: "The order does not move, and the genuine notification that follows makes it paid.",
  advice:
    "Verify the signature before anything else, over the exact bytes, and accept only HS256 with your shared secret. " +
    "Otherwise anybody who knows the endpoint gets goods without paying.",
} as const;
