import { defineCase, type RehearsalCase } from "../../case.ts";
import type { ApiExchange, ApiFault } from "../../exchange.ts";
import { changedAnswer, lostAnswer, wrongSignature } from "../../faults.ts";
import type { PlannedFault } from "../../gateway.ts";
import type { Purchase } from "../../purchase.ts";
import type { Stage } from "../../stage.ts";
import { jsonOf } from "../../steps.ts";
import { fail, notJudged } from "../../verdict.ts";
import { deliverAgainUnlessTaken, expectPaidOnce, paidOnce } from "../paid-once.ts";
import { cause } from "./unsigned-create.ts";

/** Applies a fault to all reads of one payment: of its resource, its track, and lists with it. */
function faultOfReads(stage: Stage, { paymentId }: Purchase, fault: ApiFault): PlannedFault {
  const isOf = ({ answer }: ApiExchange) => answer?.body.includes(paymentId) === true;
  const answer: ApiFault["answer"] = (given, exchange) => (isOf(exchange) ? fault.answer(given, exchange) : given);
  const planned = stage.fault("read", { ...fault, answer }, Infinity);
  return {
    get applied() {
      return planned.applied.filter(isOf);
    },
    end: planned.end,
  };
}

/** Waits until the fault was applied. Does not apply to a merchant that has done all its work without a read. */
async function requireRead(stage: Stage, planned: PlannedFault): Promise<void> {
  if (!(await stage.untilIdle(() => planned.applied.length > 0))) {
    notJudged("does_not_apply", "The merchant does not ask the provider for the payment.");
  }
  stage.requireApplied(planned, "it does not ask for the payment");
}

/**
 * Disturbs the reads while return and notification of a paid payment are handled.
 * @param after what happened, for the sentence of the failure.
 */
async function judgePaidRead(stage: Stage, fault: ApiFault, after: string): Promise<void> {
  const purchase = await stage.checkout();
  await stage.pay(purchase);
  const notification = await stage.notification({ purchase, type: "payment" });
  const planned = faultOfReads(stage, purchase, fault);
  await stage.goBack(purchase);
  const answer = await stage.deliver(notification);
  await requireRead(stage, planned);
  planned.end();
  // The provider sends a notification again only if it was not taken.
  await deliverAgainUnlessTaken(stage, notification, [answer]);
  await expectPaidOnce(stage, purchase, `After ${after}, the paid order is wrong`);
  await stage.goBack(purchase);
  await stage.drain();
  await stage.expect(purchase, paidOnce(purchase), `After ${after}, and another return, the paid order is wrong`);
}

const shared = {
  group: "answers",
  needs: ["order"],
  severity: "critical",
} as const;

const paidRead = {
  ...shared,
  rule:
    "The order becomes paid once. If the endpoint answered with 2xx, no other notification comes, so the merchant " +
    "must ask again by itself. If only the jobs of the server make the order paid, the case warns. It does not apply " +
    "to a merchant that does not ask the provider.",
  precedent:
    "Handlers that caught every error and answered 200 stopped the provider's retries; the missing payments were " +
    "found at the end of the month.",
} as const;

const readLost = defineCase({
  ...paidRead,
  id: "read_lost",
  title: "The answer to a read is lost",
  stake: "The shop learns of a payment, cannot ask for it, and forgets it.",
  does: "The payment is paid. While return and notification are handled, each read of it gets no answer.",
  advice:
    "Answer the notification with 2xx only after the work is done or stored, and with 500 otherwise: the provider " +
    "sends it again. Otherwise one lost answer is a paid order that nobody ships.",
  run: (stage) => judgePaidRead(stage, lostAnswer, "the answer to a read was lost"),
});

const readWrongSignature = defineCase({
  ...paidRead,
  id: "read_wrong_signature",
  severity: "serious",
  title: "The answer to a read has a wrong signature",
  stake: "The shop takes a broken answer for a final one, and loses the payment.",
  does: "The payment is paid. While return and notification are handled, each read of it has a wrong signature.",
  advice:
    "Handle an answer with a wrong signature as no answer: do not use it, and do not answer the notification with " +
    "2xx before there was a right one. Otherwise a paid order stays open.",
  run: (stage) => judgePaidRead(stage, wrongSignature, "an answer to a read had a wrong signature"),
});

const readCapturedUnsigned = defineCase({
  ...shared,
  id: "read_captured_unsigned",
  title: "An unsigned answer says captured",
  stake: "A changed answer makes an order paid that nobody paid.",
  does:
    "Changes the status to captured in each answer to a read of the payment; the signature is the old one. The " +
    "browser returns before the payer has paid. Then the payment is declined, with notification and return.",
  rule:
    "The order is not paid, and nothing is fulfilled. The case does not apply to a merchant that does not ask the " +
    "provider.",
  advice:
    "Verify X-Signature of each answer over its exact bytes before you read the status. Otherwise whoever can change " +
    "an answer gets goods without paying.",
  precedent: "Clients verified webhooks with care, and took every answer of the API as it came.",
  run: async (stage) => {
    const purchase = await stage.checkout();
    const fault = changedAnswer("an answer that was changed to captured", captured);
    const planned = faultOfReads(stage, purchase, fault);
    await stage.goBack(purchase);
    await stage.pay(purchase, "decline");
    const notification = await stage.notification({ purchase, type: "payment" });
    await stage.deliver(notification);
    await stage.goBack(purchase);
    await requireRead(stage, planned);
    const { state, effects = 0 } = await stage.order(purchase);
    if (state === "paid" || effects > 0) {
      fail(`An answer with a wrong signature made the order of a declined payment ${state}.`, cause);
    }
    planned.end();
    await stage.deliverUntilTaken(notification);
    await stage.drain();
    const want = { states: ["unpaid", "failed", "attention"], effects: 0, paidAmount: 0 } as const;
    await stage.expect(purchase, want, "After a changed answer the order of a declined payment is wrong", cause);
  },
});

/** The body of a payment that is not paid, as if it was. */
function captured(body: string): string {
  const json = jsonOf(body);
  if (typeof json !== "object" || json === null || !("status" in json)) return body;
  const { reason: _, nextStep: __, ...rest } = json as Readonly<Record<string, unknown>>;
  return JSON.stringify({ ...rest, status: "captured" });
}

/** Reads whose answers cannot be used. */
export const readCases: readonly RehearsalCase[] = [readLost, readWrongSignature, readCapturedUnsigned];
