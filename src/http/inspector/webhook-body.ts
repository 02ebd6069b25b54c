import type { Notification } from "../../domain/notification.ts";
import { inWords } from "./format.ts";

/** What a webhook reports, in words, and the reference of the payment or refund. Every stored body has both. */
export function webhookSubject({ type, body }: Pick<Notification, "type" | "body">): {
  readonly report: string;
  readonly merchantReference: string;
} {
  const { payload } = JSON.parse(body) as {
    readonly payload: { readonly status: string; readonly merchantReference: string };
  };
  return { report: `${type}: ${inWords(payload.status)}`, merchantReference: payload.merchantReference };
}
