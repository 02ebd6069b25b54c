import type { KeptRequest } from "../../domain/logged-request.ts";

/**
 * The request that creates a first payment.
 * @param base base URL of the sandbox. The payer returns to the inspector there.
 */
export function testPayment(
  processingAccountId: string,
  base: string,
): Pick<KeptRequest, "method" | "target" | "body"> {
  const body = JSON.stringify({
    processingAccountId,
    merchantReference: "order-1001",
    amount: { value: 128.5, currency: "hkd" },
    paymentMethod: {
      type: "alipay_hk",
      alipayHk: { returnUrl: `${base}/?world=${processingAccountId}`, flowType: "qr_link" },
    },
  });
  return { method: "POST", target: "/v1/payments", body };
}
