import { defineCase } from "../../case.ts";
import type { Stage } from "../../stage.ts";
import { expectPaidOnce, requireCounted } from "../paid-once.ts";

async function returnThenWebhook(stage: Stage, meanwhile: () => Promise<unknown>): Promise<void> {
  const purchase = await stage.checkout();
  await stage.pay(purchase);
  await stage.goBack(purchase);
  await meanwhile();
  await stage.deliverUntilTaken(await stage.notification({ purchase, type: "payment" }));
  await stage.drain();
  await expectPaidOnce(stage, purchase, "After the return and then the webhook the order is wrong");
}

const shared = {
  group: "order",
  severity: "critical",
  needs: ["order"],
  rule: "The order is paid, and is fulfilled once.",
  advice:
    "Fulfil only in the step that moves the order from unpaid to paid. Let a notification that comes later find the " +
    "order paid, and answer 2xx. Otherwise each order of a customer who returns fast is sent twice, or is closed " +
    "before its payment arrives.",
} as const;

export const webhookAfterReturn = defineCase({
  ...shared,
  id: "webhook_after_return",
  title: "Webhook after the return",
  stake: "The return has handled the payment, and the webhook handles it once more.",
  does: "Lets the browser return from a paid payment, and sends the notification after that.",
  precedent:
    "Trackers of shop plug-ins have many reports of two order mails, or of stock that was reduced twice, when the " +
    "return was faster than the webhook.",
  run: async (stage) => {
    await returnThenWebhook(stage, async () => undefined);
    requireCounted(stage);
  },
});

export const webhookLate = defineCase({
  ...shared,
  id: "webhook_late",
  title: "Webhook 20 minutes late",
  stake: "The report of the payment comes long after the customer has left.",
  phase: "past",
  minutes: 20,
  does:
    "Lets the browser return from a paid payment, moves the provider's clock by 20 minutes, and sends the " +
    "notification.",
  precedent:
    "Providers promise no time for notifications, and some have delayed them for hours. Shops that closed the order " +
    "meanwhile had money without an order.",
  run: (stage) => returnThenWebhook(stage, () => stage.world.clock.advance("PT20M")),
});
