import { contractOf } from "../../domain/contract.ts";
import type { KeptRequest } from "../../domain/logged-request.ts";
import { type Money, moneyFromMajor, moneyOnWire } from "../../domain/money.ts";
import type { World } from "../../domain/world.ts";

const usualAmount = moneyFromMajor(128.5) as Money;

/**
 * The request that creates a first payment, by the contract profile of its world.
 * @param base base URL of the sandbox. The payer returns to the inspector there.
 */
export function testPayment(
  { processingAccountId, settings }: World,
  base: string,
): Pick<KeptRequest, "method" | "target" | "body"> {
  const { amountMin, amountUnit } = contractOf(settings.contract);
  const amount = amountMin > usualAmount ? amountMin : usualAmount;
  const body = JSON.stringify({
    processingAccountId,
    merchantReference: "order-1001",
    amount: { value: moneyOnWire(amount, amountUnit), currency: "hkd" },
    paymentMethod: {
      type: "alipay_hk",
      alipayHk: { returnUrl: `${base}/?world=${processingAccountId}`, flowType: "qr_link" },
    },
  });
  return { method: "POST", target: "/v1/payments", body };
}
