import { declineReasons } from "../../../domain/statuses.ts";
import { defineCase } from "../../case.ts";
import type { PayerButton } from "../../payer.ts";
import type { Purchase } from "../../purchase.ts";
import type { Stage } from "../../stage.ts";

const shared = {
  group: "outcomes",
  severity: "critical",
  needs: ["order"],
  rule: "The order is unpaid or failed, and has no fulfilment.",
  advice:
    "Make the order paid only for the statuses that mean money: captured, and those of refunds. A notification or a " +
    "return that only exists proves nothing. Otherwise goods go out without money.",
} as const;

/** Judges an order whose payment has ended without money. */
async function judgeUnpaid(stage: Stage, purchase: Purchase, status: "declined" | "aborted" | "failed") {
  const notification = await stage.notification({ purchase, type: "payment", status });
  await stage.deliverUntilTaken(notification);
  await stage.goBack(purchase);
  await stage.drain();
  const want = { states: ["unpaid", "failed"], never: ["paid"], effects: 0, paidAmount: 0 } as const;
  await stage.expect(purchase, want, `A payment that is ${status} leaves a wrong order`, "pays_without_money");
}

async function buyWithoutMoney(stage: Stage, button: PayerButton, status: "declined" | "aborted" | "failed") {
  const purchase = await stage.checkout();
  await stage.pay(purchase, button);
  await judgeUnpaid(stage, purchase, status);
}

const declineTexts = {
  insufficient_funds: ["too little money", "The wallet has too little money, and the order is sent anyway."],
  limit_exceeded: ["above a limit", "The amount is above a limit of the wallet, and the order is sent anyway."],
  risk_rejected: ["refused by risk control", "The wallet suspects a fraud, and the order is sent anyway."],
  payment_declined: ["without a special reason", "The wallet declines, and the order is sent anyway."],
} as const;

/** A decline for each reason. */
export const declined = declineReasons.map((reason) => {
  const [name, stake] = declineTexts[reason];
  return defineCase({
    ...shared,
    id: `declined_${reason}`,
    title: `Declined: ${name}`,
    stake,
    does: `The wallet declines with the reason ${reason}. The merchant gets the notification, and the payer returns.`,
    precedent:
      "Shop plug-ins have treated each call of their webhook as a success, or knew one reason of a decline and took " +
      "all others for a payment.",
    run: (stage) => buyWithoutMoney(stage, `decline-${reason}`, "declined"),
  });
});

export const cancelled = defineCase({
  ...shared,
  id: "cancelled_by_payer",
  title: "Cancelled by the payer",
  stake: "The payer decides not to buy, and the order is sent anyway.",
  does: "The payer cancels in the wallet. The merchant gets the notification with aborted, and the payer returns.",
  precedent: "A return URL that is the same for all outcomes was read as a success by several shop plug-ins.",
  run: (stage) => buyWithoutMoney(stage, "cancel", "aborted"),
});

export const failed = defineCase({
  ...shared,
  id: "failed_at_wallet",
  title: "Failed at the wallet",
  stake: "The wallet cannot process the payment, and the order is sent anyway.",
  does: "The payment fails at the wallet. The merchant gets the notification with failed, and the payer returns.",
  precedent: "Integrations that list the statuses of a failure, and pay for all others, miss the rare ones.",
  run: (stage) => buyWithoutMoney(stage, "fail", "failed"),
});

export const expired = defineCase({
  ...shared,
  id: "expired",
  title: "Expired",
  stake: "The payer never pays, and the order is sent anyway.",
  phase: "past",
  minutes: 31,
  does: "The payer leaves the page open until the payment expires. The merchant gets the notification with aborted.",
  precedent: "Expiry is rarely tried by hand, because it takes half an hour: its handler is often the untested one.",
  run: async (stage) => {
    const purchase = await stage.checkout();
    stage.note("advances the clock by 31 minutes");
    await stage.world.clock.advance("PT31M");
    await judgeUnpaid(stage, purchase, "aborted");
  },
});
