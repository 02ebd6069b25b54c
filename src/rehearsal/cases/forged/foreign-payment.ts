import type { Purchase } from "../../purchase.ts";
import type { Stage } from "../../stage.ts";
import { jsonOf, memberAt } from "../../steps.ts";
import { fail } from "../../verdict.ts";
import { requireUnmoved } from "./judge-forgery.ts";

/** A payment that the merchant's server did not ask for. */
interface ForeignPayment {
  /** In HKD. */
  readonly amount: number;
  readonly reference?: string;
  readonly processingAccountId?: string;
}

/** Creates a payment with the merchant's own keys, past its server. The payer can pay it. */
export async function createForeignPayment(
  stage: Stage,
  purchase: Purchase,
  { amount, reference = purchase.reference, processingAccountId = stage.world.processingAccountId }: ForeignPayment,
): Promise<Purchase> {
  const { returnUrl } = purchase;
  const response = await stage.world.request("POST", `/v1/payments?idempotencyKey=rehearsal-${stage.run.unique()}`, {
    processingAccountId,
    merchantReference: reference,
    amount: { value: amount, currency: "hkd" },
    paymentMethod: { type: "alipay_hk", alipayHk: { returnUrl, flowType: "qr_link" } },
  });
  const text = await response.text();
  if (response.status !== 201) throw new Error(`The sandbox refuses the foreign payment: ${response.status} ${text}`);
  const member = (pointer: string) => String(memberAt(jsonOf(text), pointer) ?? "");
  const paymentId = member("/id");
  stage.note(`payment ${paymentId} of HKD ${amount} for ${reference}, which the server did not ask for`, text);
  return { ...purchase, paymentId, amount, flowType: "qr_link", pageUrl: member("/nextStep/redirect/url") };
}

/**
 * The foreign payment is paid and notified, and its payer returns to the order's page. The order must not become paid.
 * The answer of the endpoint does not count: the message is genuine.
 * @param what names the payment, as the subject of a sentence.
 */
export async function judgeForeignPayment(
  stage: Stage,
  purchase: Purchase,
  foreign: Purchase,
  what: string,
): Promise<void> {
  await stage.pay(foreign);
  await stage.deliver(await stage.notification({ purchase: foreign, type: "payment" }));
  await stage.goBack(foreign);
  await requireUnmoved(stage, purchase, { what, cause: "takes_foreign_payment" });
}

/** Pays the right payment. The order becomes paid, or a person must look because there is more money than expected. */
export async function completeRightPayment(stage: Stage, purchase: Purchase, after: string): Promise<void> {
  await stage.complete(purchase);
  const sentence = `After ${after} the right payment does not count`;
  await stage.expect(purchase, { states: ["paid", "attention"] }, sentence);
  const { state, effects } = await stage.order(purchase);
  if (state === "paid") await stage.expect(purchase, { states: ["paid"], effects: 1 }, sentence);
  else if ((effects ?? 0) > 1) fail(`After ${after} the order was fulfilled ${effects} times.`, "fulfils_twice");
}

/** Members that the cases of foreign payments share. */
export const foreignPayment = {
  group: "forged",
  severity: "critical",
  needs: ["order"],
  rule:
    "The order does not become paid by it, neither by the notification nor by the return; attention is right. The " +
    "right payment then makes the order paid, or leaves it for a person. The answer to the notification does not " +
    "count.",
  advice:
    "Take money for an order only if the payment is one that you started for it (its id), with the amount, the " +
    "currency and the reference of the order. A right signature only says who sent the message. Answer 5xx " +
    "while the answer to your own create is missing: then the message comes again. Otherwise anybody " +
    "buys at a price of their own.",
} as const;
