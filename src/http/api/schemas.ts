import { z } from "zod";
import { isKsuid } from "../../domain/ksuid.ts";
import { type Money, majorFromMoney, minimumPayment, moneyFromMajor } from "../../domain/money.ts";
import { flowTypes, type PaymentRequest } from "../../domain/payment.ts";
import { minimumRefund, type RefundRequest } from "../../domain/refund.ts";
import { providerStatuses } from "../../domain/statuses.ts";
import { breach } from "../validate.ts";
import { presentCursor } from "./present.ts";
import { marked, type Provenance } from "./provenance.ts";

const processingAccountId = z
  .string()
  .refine(isKsuid, "must be a KSUID: 27 letters and digits")
  .meta(marked("seed", "The account that the payment is for, a KSUID.", { pattern: "^[0-9A-Za-z]{27}$" }));

/** 1 to 255 characters, no control characters. [ours] */
export const merchantReference = z
  .string()
  .refine((text) => text !== "" && [...text].length <= 255, "must have 1 to 255 characters")
  .refine((text) => !/\p{Cc}/u.test(text), "must not have control characters")
  .meta(
    marked("seed", "The merchant's own name for it: 1 to 255 characters, no control characters. [ours]", {
      minLength: 1,
      maxLength: 255,
      pattern: "^[^\\u0000-\\u001f\\u007f-\\u009f]*$",
    }),
  );

/** Major HKD as a JSON number, two decimals at most. [seed], [ours] */
export const amountValue = (minimum: Money) =>
  z
    .number()
    .refine((value) => moneyFromMajor(value) !== undefined, { error: "must have at most two decimals", abort: true })
    .refine(
      (value) => (moneyFromMajor(value) ?? 0) >= minimum,
      breach("amount_below_minimum", `must be at least ${majorFromMoney(minimum)}`),
    )
    .transform((value) => moneyFromMajor(value) as Money);

export const currency = z
  .string()
  .refine((code) => code === "hkd", breach("unsupported_currency", 'must be "hkd", in lower case'))
  .meta(marked("seed", "Hong Kong dollars, in lower case.", { enum: ["hkd"] }));

const amount = (minimum: Money, source: Provenance, description: string) => {
  const value = amountValue(minimum).meta(
    marked(source, `Major units, with at most two decimals [ours]: 200 is HKD 200.00. ${description}`, {
      minimum: majorFromMoney(minimum),
    }),
  );
  return z.object({ value, currency }).meta(marked(source, "How much."));
};

/** An absolute http or https URL [seed] without blanks, control characters or userinfo. [ours] */
const returnUrl = z
  .string()
  .refine((text) => /^https?:\/\//i.test(text) && URL.canParse(text), "must be an absolute http or https URL")
  .refine((text) => !/[\s\p{Cc}]/u.test(text), "must not have blanks or control characters")
  .refine((text) => !/^https?:\/\/[^/?#\\]*@/i.test(text), "must not have a user name or password")
  .meta(
    marked(
      "seed",
      "Where the payer goes afterwards: an absolute http or https URL, used exactly as given. It has no blanks, control characters, user name or password; characters beyond ASCII are taken too. [ours]",
      { pattern: "^[Hh][Tt][Tt][Pp][Ss]?://(?![^/?#\\\\]*@)[^\\s\\u0000-\\u001f\\u007f-\\u009f]+$" },
    ),
  );

const flowType = z
  .enum(flowTypes)
  .meta(
    marked("seed", "`qr_link` leads to a page with a QR code, `mobile_redirect` to the wallet on the payer's phone."),
  );

const paymentMethodType = z
  .string()
  .refine((type) => type === "alipay_hk", breach("unsupported_payment_method", 'must be "alipay_hk"'))
  .meta(marked("seed", "The only payment method here.", { enum: ["alipay_hk"] }));

/** The body of `POST /v1/payments`. [seed] */
export const createPaymentBody: z.ZodType<PaymentRequest> = z
  .object({
    processingAccountId,
    merchantReference,
    amount: amount(
      minimumPayment,
      "seed",
      "The world's setting `amountMax` is the most, HKD 50,000.00 if nothing is set. [wallet]",
    ),
    paymentMethod: z
      .object({
        type: paymentMethodType,
        alipayHk: z.object({ returnUrl, flowType }).meta(marked("seed", "What Alipay HK wants to know.")),
      })
      .meta(marked("seed", "How the payer pays.")),
  })
  .meta({
    id: "CreatePayment",
    ...marked("seed", "A payment to be made. Members that are not named here are ignored."),
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
  .object({
    merchantReference: merchantReference.meta({ "x-source": "ours" }),
    amount: amount(minimumRefund, "ours", "Without an amount, all that is left is refunded.").optional(),
  })
  .meta({ id: "CreateRefund", ...marked("ours", "A refund to be made. Members that are not named here are ignored.") })
  .transform(({ merchantReference, amount }) => ({ merchantReference, amount: amount?.value }));

/** 8 to 50 characters. [docs] */
const idempotencyKey = z
  .string()
  .refine((key) => [...key].length >= 8 && [...key].length <= 50, "must have 8 to 50 characters")
  .meta(
    marked(
      "docs",
      "The same key with the same request gets the first answer again, for a week; with another request it is a conflict.",
      { minLength: 8, maxLength: 50 },
    ),
  );

/** The query of what can carry an idempotency key. */
export const keyQuery = z.object({ idempotencyKey: idempotencyKey.optional() });

const account = processingAccountId
  .optional()
  .meta(marked("ours", "Only those of this account; without it, those of all accounts of the merchant."));

/** The query of `GET /v1/requests/{operation}`. [docs] */
export const requestsQuery = z.object({
  idempotencyKey: idempotencyKey.meta(marked("docs", "The key of the request that is looked for.")),
  processingAccountId: account,
});

const instant = (description: string) =>
  z
    .string()
    .refine((text) => z.iso.datetime({ offset: true }).safeParse(text).success, {
      error: "must be an RFC 3339 instant like 2026-01-05T09:00:00Z (in a query a plus sign is written %2B)",
      abort: true,
    })
    .transform((text) => Date.parse(text))
    .meta(marked("plugin", description, { format: "date-time" }));

const limit = z
  .string()
  .refine(
    (text) => /^\d{1,3}$/.test(text) && Number(text) >= 1 && Number(text) <= 100,
    "must be a number from 1 to 100",
  )
  .transform(Number)
  .default(20)
  .meta(marked("ours", "How many at most.", { override: { type: "integer", minimum: 1, maximum: 100, default: 20 } }));

/** The query of a list. `fromTime`, `toTime` [plugin]; the others are ours. */
const listQuery = (list: string) => ({
  processingAccountId: account,
  fromTime: instant("Only what was created at or after this instant.").optional(),
  toTime: instant("Only what was created before this instant.").optional(),
  limit,
  cursor: cursorOf(list).optional().meta(marked("ours", "The `nextCursor` of the page before.")),
});

/** A cursor that was given out with a page of this list. */
export function cursorOf(list: string): z.ZodType<number, string> {
  return z
    .string()
    .refine((text) => endIn(list, text) !== undefined, { error: "is not one that was given out", abort: true })
    .transform((text) => endIn(list, text) as number);
}

/** Where the page ended that this cursor was given out with. */
function endIn(list: string, cursor: string): number | undefined {
  const [, digits = ""] = / ([1-9]\d{0,14})$/.exec(Buffer.from(cursor, "base64url").toString("ascii")) ?? [];
  return digits !== "" && presentCursor(list, Number(digits)) === cursor ? Number(digits) : undefined;
}

/** The query of `GET /v1/transactions`. */
export const listTransactionsQuery = z.object(listQuery("transactions"));

/** The query of `GET /v1/payments`. */
export const listPaymentsQuery = z.object({
  ...listQuery("payments"),
  merchantReference: z.string().optional().meta(marked("ours", "Only payments with this reference.")),
  status: z.enum(providerStatuses).optional().meta(marked("ours", "Only payments that stand so now.")),
});
