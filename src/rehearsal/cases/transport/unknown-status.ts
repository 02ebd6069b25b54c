import { defineCase } from "../../case.ts";
import type { ApiAnswer, ApiFault } from "../../exchange.ts";
import { signedAnswer } from "../../faults.ts";
import type { Stage } from "../../stage.ts";
import { jsonOf } from "../../steps.ts";
import { capturedNotification } from "../forged/forge.ts";
import { requireUnmoved } from "../forged/judge-forgery.ts";

const status = "under_review";

/** Changes the status of one payment in the answers to reads, and signs them again. */
function unknownStatusOf(paymentId: string, stage: Stage): ApiFault {
  const change = (json: unknown): unknown => {
    if (typeof json !== "object" || json === null) return json;
    if (Array.isArray(json)) return json.map(change);
    const members = Object.entries(json).map(([name, value]) => [name, change(value)]);
    const isPayment = "id" in json && json.id === paymentId && "status" in json;
    return { ...Object.fromEntries(members), ...(isPayment ? { status } : {}) };
  };
  const answerOf = (answer: ApiAnswer): ApiAnswer => {
    if (!answer.body.includes(paymentId)) return answer;
    const content = change(jsonOf(answer.body)) as object;
    return signedAnswer(answer.status, content, stage.world.credentials.hmacKeys, stage.nowMs());
  };
  return {
    name: `the status ${status} for ${paymentId}`,
    isForwarded: true,
    answer: (answer) => answer && answerOf(answer),
  };
}

export const unknownStatus = defineCase({
  id: "webhook_unknown_status",
  group: "transport",
  title: "A status that nobody knows",
  stake: "The provider adds a status, and the merchant sends goods without money, or gives up an order that is paid.",
  severity: "critical",
  needs: ["order"],
  does:
    `Sends a rightly signed notification with the status \`${status}\`, and the API says the same. The payer ` +
    "returns. Then the payment is paid.",
  rule: "The order is not paid by it. The captured payment then makes it paid, or leaves it for a person.",
  advice:
    "List the statuses that mean money, and those that are final without money. At any other status leave the order " +
    "open, and ask again later. Otherwise a new status sends goods without money, or closes an order that is paid.",
  precedent:
    "One handler dropped each status outside its list, and rejected deposits stayed open for ever. Others take all " +
    "but the known failures for paid.",
  run: async (stage) => {
    const purchase = await stage.checkout();
    const changed = stage.fault("read", unknownStatusOf(purchase.paymentId, stage), Infinity);
    await stage.deliver(capturedNotification(stage, purchase, { status }));
    await stage.goBack(purchase);
    await requireUnmoved(stage, purchase, { what: "A notification with an unknown status", cause: "unknown_status" });
    changed.end();
    await stage.complete(purchase);
    const sentence = "After an unknown status the captured payment does not count";
    await stage.expect(purchase, { states: ["paid", "attention"] }, sentence, "unknown_status");
    const { state } = await stage.order(purchase);
    if (state === "paid") await stage.expect(purchase, { states: ["paid"], effects: 1 }, sentence);
  },
});
