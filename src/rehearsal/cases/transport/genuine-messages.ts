import type { DeliveryOptions } from "../../courier.ts";
import type { Notification } from "../../mailbox.ts";
import type { Purchase } from "../../purchase.ts";
import type { Stage } from "../../stage.ts";
import { paidOnce } from "../paid-once.ts";

/**
 * Buys and pays, and delivers the genuine notification in an unusual way. The payer does not return, so that the
 * notification alone must make the order paid.
 */
export async function judgeGenuine(
  stage: Stage,
  what: string,
  unusual: (notification: Notification, stage: Stage) => DeliveryOptions,
): Promise<void> {
  const purchase = await stage.checkout();
  await stage.pay(purchase);
  const notification = await stage.notification({ purchase, type: "payment" });
  await stage.deliverUntilTaken(notification, unusual(notification, stage));
  await expectPaid(stage, purchase, `A notification with ${what} is acknowledged, but has no effect`);
}

/** The order is paid, with one fulfilment. */
export async function expectPaid(stage: Stage, purchase: Purchase, sentence: string): Promise<void> {
  const want = paidOnce(purchase);
  await stage.expect(purchase, want, sentence, "loses_payment");
}

/** Members that the cases of genuine messages share. */
export const genuine = {
  group: "transport",
  severity: "serious",
  needs: ["order"],
  rule: "The endpoint takes the genuine notification, and it alone makes the order paid, with one fulfilment.",
} as const;
