import { z } from "zod";
import { paymentStatuses, providerStatuses, paymentReasons as reasonCodes } from "../../domain/statuses.ts";
import { lazySchema, type Resource } from "../route.ts";
import { amountAndTimes, givenReference, ksuid, ksuidByExample, oneOf, sentence, trackingUrl } from "./fields.ts";
import { marked } from "./provenance.ts";

const paymentReason = () =>
  z
    .object({
      code: oneOf(
        reasonCodes,
        "seed",
        "Reason for the status. Of its values, `required_next_step` is the provider's, the others are ours. [ours]",
      ),
      description: sentence(),
    })
    .meta({ id: "PaymentReason", ...marked("seed", "Reason for the status of a payment.") });

const nextStep = () =>
  z
    .object({
      type: z.enum(["redirect"]).meta(marked("seed", "Kind of step.")),
      redirect: z
        .object({
          method: z.enum(["get"]).meta(marked("seed", "HTTP method of the redirect.")),
          url: z.string().meta(marked("seed", "The page to send the payer to.", { format: "uri" })),
        })
        .meta(marked("seed", "Where to send the payer.")),
    })
    .meta({ id: "NextStep", ...marked("seed", "The step that the payment waits for.") });

/** A payment in the response to its creation, and as its track. */
export const trackedPayment = lazySchema(() =>
  z
    .object({
      id: ksuid("seed", "Id of the payment.", ksuidByExample),
      merchantReference: givenReference(),
      status: z.enum(providerStatuses).meta(
        marked("plugin", "Status of the payment. The provider names all of these; Alipay HK reaches some.", {
          "x-sandbox-values": paymentStatuses,
        }),
      ),
      trackingUrl: trackingUrl("seed", "payments"),
      reason: paymentReason().exactOptional().meta(marked("seed", "Present while the status has a reason. [ours]")),
      nextStep: nextStep().exactOptional().meta(marked("seed", "Present while the payment is `pending`. [ours]")),
    })
    .meta({
      id: "TrackedPayment",
      ...marked("seed", "A payment in the response to its creation, and as its track: the provider's example."),
    }),
);
export type TrackedPaymentResource = Resource<typeof trackedPayment>;

/** A payment as requests read it and as webhooks carry it. */
export const payment = lazySchema(() =>
  trackedPayment()
    .extend(amountAndTimes())
    .meta({
      id: "Payment",
      ...marked(
        "ours",
        "A payment as requests read it and as webhooks carry it: a tracked payment with its amount and times.",
      ),
    }),
);
export type PaymentResource = Resource<typeof payment>;
