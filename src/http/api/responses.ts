import { z } from "zod";
import { transitions } from "../../domain/payment.ts";
import type { RefusalCode } from "../../domain/refusal.ts";
import { type PaymentStatus, providerStatuses, type RefundStatus } from "../../domain/statuses.ts";
import { marked, type Provenance } from "./provenance.ts";
import { type ErrorResource, paymentReasons, refundProcessing, refusalCodes } from "./refusals.ts";

// The bodies that leave, and their TypeScript types. `present` writes them and needs the types alone, so that a sandbox
// starts without this file: it is loaded with the OpenAPI document.

type Immutable<T> = T extends object ? { readonly [K in keyof T]: Immutable<T[K]> } : T;
type Resource<S extends z.ZodType> = Immutable<z.output<S>>;

const ksuid = (source: Provenance, description: string) =>
  z.string().meta(marked(source, `${description} A KSUID.`, { pattern: "^[0-9A-Za-z]{27}$" }));

const instant = (source: Provenance, description: string) =>
  z.string().meta(marked(source, description, { format: "date-time" }));

const trackingUrl = (source: Provenance, operation: "payments" | "refunds") =>
  z
    .string()
    .meta(marked(source, "Where its status can be read: a path without host.", { pattern: trackPath(operation) }));

const trackPath = (operation: string) => `^/v1/tracks/${operation}/[^/]+$`;

/**
 * One of the values that the sandbox answers with. The document names them as `x-sandbox-values` and publishes no closed
 * list, or the provider's longer one, so that a generated client survives what the provider may answer besides.
 */
function oneOf<const V extends readonly (string | boolean)[]>(
  values: V,
  source: Provenance,
  description: string,
  published: object = {},
) {
  return z.literal(values).meta(
    marked(source, description, {
      "x-sandbox-values": values,
      override: ({ jsonSchema }: { jsonSchema: Record<string, unknown> }) => {
        delete jsonSchema.enum;
        delete jsonSchema.const;
        Object.assign(jsonSchema, published);
      },
    }),
  );
}

const amount = z
  .object({
    value: z.number().meta(marked("seed", "Major units: 200 is HKD 200.00.")),
    currency: z.enum(["hkd"]).meta(marked("seed", "Hong Kong dollars.")),
  })
  .meta({ id: "Amount", ...marked("seed", "An amount of money.") });
export type AmountResource = Resource<typeof amount>;

const sentence = z.string().meta(marked("seed", "The same in a sentence, for people."));

const merchantReference = z.string().meta(marked("seed", "As the merchant gave it."));

const paymentReason = z
  .object({
    code: oneOf(
      Object.keys(paymentReasons) as (keyof typeof paymentReasons)[],
      "ours",
      "Why it stands so. `required_next_step` is the provider's [seed], the others are ours.",
    ),
    description: sentence,
  })
  .meta({ id: "PaymentReason", ...marked("seed", "Why a payment stands where it stands.") });

const nextStep = z
  .object({
    type: z.enum(["redirect"]).meta(marked("seed", "What kind of step.")),
    redirect: z
      .object({
        method: z.enum(["get"]).meta(marked("seed", "How to go there.")),
        url: z.string().meta(marked("seed", "The page that the payer is sent to.", { format: "uri" })),
      })
      .meta(marked("seed", "Where to send the payer.")),
  })
  .meta({ id: "NextStep", ...marked("seed", "What has to happen before the payment can go on.") });

/** A payment as the answer to its creation and as its track. */
export const trackedPayment = z
  .object({
    id: ksuid("seed", "Names the payment."),
    merchantReference,
    status: oneOf(
      Object.keys(transitions) as PaymentStatus[],
      "plugin",
      "Where the payment stands. The provider names all of these; Alipay HK reaches some.",
      { enum: providerStatuses },
    ),
    trackingUrl: trackingUrl("seed", "payments"),
    reason: paymentReason.exactOptional().meta(marked("seed", "Present while there is something to say. [ours]")),
    nextStep: nextStep.exactOptional().meta(marked("seed", "Present while the payment is `pending`. [ours]")),
  })
  .meta({
    id: "TrackedPayment",
    ...marked("seed", "A payment as the answer to its creation and as its track: the provider's example."),
  });
export type TrackedPaymentResource = Resource<typeof trackedPayment>;

const amountAndTimes = {
  amount: amount.nonoptional().meta(marked("ours", "The whole amount.")),
  createTime: instant("plugin", "When it was made."),
  updateTime: instant("plugin", "When it last changed."),
};

/** A payment as it is read and as webhooks carry it. */
export const payment = trackedPayment.extend(amountAndTimes).meta({
  id: "Payment",
  ...marked("ours", "A payment as it is read and as webhooks carry it: a tracked payment with its amount and times."),
});
export type PaymentResource = Resource<typeof payment>;

const refundReason = z
  .object({
    code: oneOf([refundProcessing.code], "ours", "Why it stands so."),
    description: sentence.meta({ "x-source": "ours" }),
  })
  .meta({ id: "RefundReason", ...marked("ours", "Why a refund stands where it stands.") });

const refundStatuses = ["pending", "refunded", "failed"] as const satisfies readonly RefundStatus[];

/** A refund as the answer to its creation and as its track. */
export const trackedRefund = z
  .object({
    id: ksuid("ours", "Names the refund."),
    merchantReference: merchantReference.meta({ "x-source": "ours" }),
    status: z.enum(refundStatuses).meta(marked("ours", "Where the refund stands.")),
    trackingUrl: trackingUrl("ours", "refunds"),
    reason: refundReason.exactOptional().meta(marked("ours", "Present while the refund is `pending`.")),
  })
  .meta({ id: "TrackedRefund", ...marked("ours", "A refund as the answer to its creation and as its track.") });
export type TrackedRefundResource = Resource<typeof trackedRefund>;

const refund = trackedRefund
  .extend({ paymentId: ksuid("ours", "The payment that is refunded."), ...amountAndTimes })
  .meta({ id: "Refund", ...marked("ours", "A refund as webhooks carry it.") });
export type RefundResource = Resource<typeof refund>;

export type ReasonResource = NonNullable<TrackedPaymentResource["reason"] | TrackedRefundResource["reason"]>;

/** A movement of money. */
export const transaction = z
  .object({
    id: ksuid("ours", "Names the movement."),
    type: z.enum(["payment", "refund"]).meta(marked("ours", "To the merchant, or back to the payer.")),
    paymentId: ksuid("ours", "The payment that it belongs to."),
    amount: amount.nonoptional().meta(marked("ours", "How much moved.")),
    createTime: instant("ours", "When it moved."),
  })
  .meta({ id: "Transaction", ...marked("ours", "A movement of money: a payment captured or a refund done.") });
export type TransactionResource = Resource<typeof transaction>;

const page = (id: string, item: z.ZodType, what: string) =>
  z
    .object({
      data: z.array(item).meta(marked("ours", `${what}, newest first.`)),
      nextCursor: z
        .string()
        .meta(
          marked(
            "ours",
            "Asks for the page after this one; absent on the last. A page may have fewer entries than its limit, or none, and a `nextCursor` all the same.",
          ),
        )
        .exactOptional(),
    })
    .meta({ id, ...marked("ours", "One page of a list.") });

export const paymentPage = page("PaymentPage", payment, "Payments");
export const transactionPage = page("TransactionPage", transaction, "Movements of money");

const controlCodes = [
  "forbidden_origin",
  "admin_token_required",
  "action_not_allowed",
  "clock_busy",
  "advance_limit",
  "not_reached",
  "not_matched",
] as const satisfies readonly RefusalCode[];
type ApiErrorCode = Exclude<RefusalCode, (typeof controlCodes)[number]>;

const errorCode = z
  .literal(refusalCodes.filter((code): code is ApiErrorCode => !controlCodes.some((control) => control === code)))
  .meta({ id: "ErrorCode", ...marked("ours", "What is wrong: a closed list, in order of precedence.") });

const fieldError = z
  .object({
    path: z.string().meta(marked("ours", "The member, with dots between; empty for the body as a whole.")),
    code: errorCode,
    description: sentence.meta({ "x-source": "ours" }),
  })
  .meta({ id: "FieldError", ...marked("ours", "One thing that is wrong with one member of a body or query.") });

/** The body of every refusal on the provider's API. */
export const error = z
  .object({
    reason: z
      .object({ code: errorCode, description: sentence })
      .meta(marked("ours", "What is wrong, in the form of the provider's `reason`.")),
    errors: z
      .array(fieldError)
      .meta(marked("ours", "All that is wrong; only where a body or query is not valid."))
      .exactOptional(),
  })
  .meta({ id: "Error", ...marked("ours", "Why a request was refused.") }) satisfies z.ZodType<ErrorResource>;

const notification = <T extends string, P extends z.ZodType>(id: string, type: T, payload: P) =>
  z
    .object({
      id: ksuid("plugin", "Names the notification; every attempt carries the same."),
      type: z.literal(type).meta(marked("plugin", "What it tells of.")),
      live: oneOf([false], "plugin", "Whether real money moved: never here.", { type: "boolean" }),
      createTime: instant("plugin", "When it happened."),
      payload,
    })
    .meta({ id, ...marked("plugin", `The body of a \`${type}\` webhook.`) });

export const paymentNotification = notification("PaymentNotification", "payment", payment);
export const refundNotification = notification("RefundNotification", "refund", refund);
/** The body of a webhook. */
export type NotificationResource = Resource<typeof paymentNotification> | Resource<typeof refundNotification>;
