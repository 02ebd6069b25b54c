import { defineCase } from "../../case.ts";
import { capturedNotification } from "../forged/forge.ts";
import { requireUnmoved } from "../forged/judge-forgery.ts";
import { expectPaid } from "./genuine-messages.ts";

const type = "dispute";

export const unknownType = defineCase({
  id: "webhook_unknown_type",
  group: "transport",
  title: "A notification of an unknown type",
  stake: "The provider adds a type of notification, and the merchant takes it for a payment, or stops.",
  severity: "serious",
  needs: ["order"],
  does:
    `Sends a rightly signed notification of the type \`${type}\` about an unpaid payment, with the status captured. ` +
    "Then the payment is paid.",
  rule: "The order does not move, whatever the endpoint answers. The genuine notification then makes it paid.",
  advice:
    "Look at the type first: what a status means depends on it. Acknowledge a type that you do not know, and do " +
    "nothing else. Otherwise a message about something else makes an unpaid order paid.",
  precedent:
    "A public payment service threw an exception for each type that it did not know, so that the provider repeated " +
    "all of them in vain.",
  run: async (stage) => {
    const purchase = await stage.checkout();
    const captured = capturedNotification(stage, purchase);
    const body = JSON.stringify({ ...JSON.parse(captured.body), type });
    await stage.deliver({ ...captured, type, body });
    await requireUnmoved(stage, purchase, { what: "A notification of an unknown type", cause: "ignores_type" });
    await stage.complete(purchase);
    await expectPaid(stage, purchase, "After a notification of an unknown type the genuine one does not count");
  },
});
