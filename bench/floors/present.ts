/** What the floors answer: the six members of the provider's create response. */
export function presentPayment(id: string, merchantReference: string) {
  return {
    id,
    merchantReference,
    status: "pending",
    trackingUrl: `/v1/tracks/payments/${id}`,
    reason: { code: "required_next_step", description: "An additional step is needed to complete the payment." },
    nextStep: { type: "redirect", redirect: { method: "get", url: `http://127.0.0.1/pay/${id}` } },
  };
}

export type PresentedPayment = ReturnType<typeof presentPayment>;
