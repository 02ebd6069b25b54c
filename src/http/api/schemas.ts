import { z } from "zod";
import { isKsuid } from "../../domain/ksuid.ts";
import { type Money, majorFromMoney, moneyFromMajor } from "../../domain/money.ts";
import { flowTypes, minimumPayment, type PaymentRequest } from "../../domain/payment.ts";
import { minimumRefund, type RefundRequest } from "../../domain/refund.ts";
import { breach } from "../validate.ts";

/** 1 to 255 characters, no control characters. [ours] */
const merchantReference = z
  .string()
  .refine((text) => text !== "" && [...text].length <= 255, "must have 1 to 255 characters")
  .refine((text) => !/\p{Cc}/u.test(text), "must not have control characters");

/** Major HKD as a JSON number, two decimals at most. [seed], [ours] */
const amountValue = (minimum: Money) =>
  z
    .number()
    .refine((value) => moneyFromMajor(value) !== undefined, { error: "must have at most two decimals", abort: true })
    .refine(
      (value) => (moneyFromMajor(value) ?? 0) >= minimum,
      breach("amount_below_minimum", `must be at least ${majorFromMoney(minimum)}`),
    )
    .transform((value) => moneyFromMajor(value) as Money);

const currency = z
  .string()
  .refine((code) => code === "hkd", breach("unsupported_currency", 'must be "hkd", in lower case'));

const amount = (minimum: Money) => z.object({ value: amountValue(minimum), currency });

/** An absolute http or https URL [seed] without blanks, control characters or userinfo. [ours] */
const returnUrl = z
  .string()
  .refine((text) => /^https?:\/\//i.test(text) && URL.canParse(text), "must be an absolute http or https URL")
  .refine((text) => !/[\s\p{Cc}]/u.test(text), "must not have blanks or control characters")
  .refine((text) => !/^https?:\/\/[^/?#\\]*@/i.test(text), "must not have a user name or password");

/** The body of `POST /v1/payments`. [seed] */
export const createPaymentBody: z.ZodType<PaymentRequest> = z
  .object({
    processingAccountId: z.string().refine(isKsuid, "must be a KSUID: 27 letters and digits"),
    merchantReference,
    amount: amount(minimumPayment),
    paymentMethod: z.object({
      type: z
        .string()
        .refine((type) => type === "alipay_hk", breach("unsupported_payment_method", 'must be "alipay_hk"')),
      alipayHk: z.object({ returnUrl, flowType: z.enum(flowTypes) }),
    }),
  })
  .transform(({ processingAccountId, merchantReference, amount, paymentMethod: { alipayHk } }) => ({
    processingAccountId,
    merchantReference,
    amount: amount.value,
    flowType: alipayHk.flowType,
    returnUrl: alipayHk.returnUrl,
  }));

/** The body of `POST /v1/payments/{paymentId}/refunds`. [ours] */
export const createRefundBody: z.ZodType<RefundRequest> = z
  .object({ merchantReference, amount: amount(minimumRefund).optional() })
  .transform(({ merchantReference, amount }) => ({ merchantReference, amount: amount?.value }));
