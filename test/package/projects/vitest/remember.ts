import type { WorldHandle } from "alipay-hk-sandbox";

/** Adds facts to the runner's report. */
export function remember(task: { readonly meta: object }, facts: object): void {
  Object.assign(task.meta, facts);
}

/** A request for a payment in a world. */
export function order({ processingAccountId }: WorldHandle): RequestInit {
  const alipayHk = { flowType: "qr_link", returnUrl: "https://shop.example/thanks" };
  const paymentMethod = { type: "alipay_hk", alipayHk };
  const amount = { value: 200, currency: "hkd" };
  return {
    method: "POST",
    body: JSON.stringify({ processingAccountId, merchantReference: "1001", amount, paymentMethod }),
  };
}
