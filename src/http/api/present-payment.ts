import { contractOf, providerStatusOf } from "../../domain/contract.ts";
import type { Payment } from "../../domain/payment.ts";
import type { RenderedResponse } from "../../services/payments/idempotency.ts";
import { presentAmountAndTimes } from "./fields.ts";
import type { PaymentResource, TrackedPaymentResource } from "./payment-resource.ts";
import { paymentReasons } from "./refusals.ts";

/**
 * A payment in the response to its creation, and as its track: the six members of the provider's example, in its order.
 * [seed] `reason` only while the status has one, `nextStep` only while pending. [ours]
 * @param base base URL of the hosted pages.
 */
export function presentTrackedPayment(payment: Payment, base: string): TrackedPaymentResource {
  const { id, merchantReference, status, reason, contract } = payment;
  const url = `${base}/pay/${payment.pageToken}`;
  const isShown = reason !== undefined && (status === "pending" || contract?.reasonWhenFinal !== "hidden");
  return {
    id,
    merchantReference,
    status: providerStatusOf(payment),
    trackingUrl: `/v1/tracks/payments/${payment.trackId}`,
    ...(isShown ? { reason: { code: reason, description: paymentReasons[reason] } } : {}),
    ...(status === "pending" ? { nextStep: { type: "redirect", redirect: { method: "get", url } } } : {}),
  };
}

/** The response that creates a payment, by its profile. */
export function renderCreation(payment: Payment, base: string): RenderedResponse {
  const tracked = presentTrackedPayment(payment, base);
  if (payment.contract === undefined) return { status: 201, text: JSON.stringify(tracked) };
  const { createStatus, createMembers } = contractOf(payment.contract);
  const { flowType, returnUrl } = payment;
  const paymentMethod = { type: "alipay_hk", alipayHk: { returnUrl, flowType } };
  const members = { ...presentAmountAndTimes(payment), paymentMethod };
  const added = Object.fromEntries(createMembers.map((name) => [name, members[name]]));
  return { status: createStatus, text: JSON.stringify({ ...tracked, ...added }) };
}

/** A payment with its amount and times, as requests read it and as webhooks carry it. [ours] */
export function presentPayment(payment: Payment, base: string): PaymentResource {
  return Object.assign(presentTrackedPayment(payment, base), presentAmountAndTimes(payment));
}
