import { type Attempt, webhookUserAgent } from "../../domain/notification.ts";

/** The request of an attempt. */
export interface WebhookRequest {
  readonly url: string;
  /** The header lines, in order. */
  readonly headers: Attempt["requestHeaders"];
  readonly body: string;
}

/** The headers of a webhook. @param signatures the lines of `X-Signature`. */
export function webhookHeaders(signatures: readonly string[]) {
  return { "content-type": "application/json", "user-agent": webhookUserAgent, "x-signature": signatures };
}

/** The same as lines, in order. */
export function headerLines(headers: ReturnType<typeof webhookHeaders>): WebhookRequest["headers"] {
  return Object.entries(headers).flatMap(([name, value]) => [value].flat().map((line) => [name, line] as const));
}
