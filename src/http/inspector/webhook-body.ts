import type { Notification } from "../../domain/notification.ts";
import { inWords, prettyBody } from "./format.ts";

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

/** The body for people. Unusual JSON stays as it was sent: its form is the point of the scenario. */
export function shownBody({ body, plan }: Pick<Notification, "body" | "plan">): string {
  return plan === "unusual_json" ? body : prettyBody(body);
}
