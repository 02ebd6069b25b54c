import { z } from "zod";
import type { Payment } from "../../domain/payment.ts";
import type { Refund } from "../../domain/refund.ts";
import { lazySchema, type Resource } from "../route.ts";
import { instant, ksuid, oneOf, presentTime } from "./fields.ts";
import { payment } from "./payment-resource.ts";
import { presentPayment } from "./present-payment.ts";
import { marked } from "./provenance.ts";
import { presentRefund, refund } from "./refunds.ts";

const notification = <T extends string, P extends z.ZodType>(id: string, type: T, payload: P) =>
  z
    .object({
      id: ksuid("plugin", "Id of the notification, the same in every attempt.", "A KSUID. [ours]"),
      type: z.literal(type).meta(marked("plugin", "Subject of the notification.")),
      live: oneOf([false], "plugin", "Whether real money moved; always false here.", { type: "boolean" }),
      createTime: instant("ours", "Time of the change."),
      payload: payload.meta(marked("plugin", "The payment or refund after the change.")),
    })
    .meta({ id, ...marked("plugin", `The body of a \`${type}\` webhook.`) });

export const paymentNotification = lazySchema(() => notification("PaymentNotification", "payment", payment()));
export const refundNotification = lazySchema(() => notification("RefundNotification", "refund", refund()));

/** The body of a webhook. */
export type NotificationResource = Resource<typeof paymentNotification> | Resource<typeof refundNotification>;

/** The body of a webhook, as text. [plugin] */
export function renderNotification(
  { id, createTime }: { readonly id: string; readonly createTime: number },
  subject: { readonly payment: Payment; readonly refund?: Refund },
): string {
  const head = { live: false, createTime: presentTime(createTime) } as const;
  const body: NotificationResource =
    subject.refund === undefined
      ? { id, type: "payment", ...head, payload: presentPayment(subject.payment, "") }
      : { id, type: "refund", ...head, payload: presentRefund(subject.refund) };
  return JSON.stringify(body);
}
