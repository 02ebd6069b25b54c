import type { OutgoingHttpHeaders } from "node:http";
import type { MerchantRequest } from "./http.ts";
import type { Notification } from "./mailbox.ts";

/** How a message is delivered, where it differs from the usual way. */
export interface DeliveryOptions {
  /** Values of `X-Signature`; by default fresh signatures with all keys. */
  readonly signatures?: readonly string[];
  /** The body; by default that of the notification. */
  readonly body?: string;
  /** Headers besides the usual ones, or in their place; `undefined` leaves one out. */
  readonly headers?: Readonly<Record<string, string | undefined>>;
  /** Name of the signature header, for another case. */
  readonly signatureName?: string;
  /** Whether the body has no `Content-Length`, and comes in chunks. */
  readonly isChunked?: boolean;
  /** Called with the status when the answer begins. */
  readonly onStatus?: (status: number) => void;
}

/** The request of a delivery. @param signatures the values of `X-Signature`, if the options have none. */
export function webhookRequest(
  notification: Notification,
  signatures: readonly string[],
  options: DeliveryOptions,
): Pick<MerchantRequest, "method" | "body" | "headers" | "isChunked"> {
  const lines = [...(options.signatures ?? signatures)];
  const given = { ...notification.headers, ...options.headers };
  const headers: OutgoingHttpHeaders = Object.fromEntries(
    Object.entries(given).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
  if (lines.length > 0) headers[options.signatureName ?? "X-Signature"] = lines.length === 1 ? lines[0] : lines;
  const body = options.body ?? notification.body;
  return { method: "POST", body, headers, isChunked: options.isChunked ?? false };
}

/** Headers that a proxy with a public URL adds, and the host that it passes on; none without a proxy. */
export function proxyHeaders(publicUrl: string | undefined): Readonly<Record<string, string>> {
  if (publicUrl === undefined) return {};
  const { host, protocol } = new URL(publicUrl);
  return {
    Host: host,
    "X-Forwarded-For": "192.0.2.10",
    "X-Forwarded-Host": host,
    "X-Forwarded-Proto": protocol.replace(":", ""),
  };
}

/** Whether the merchant acknowledged a notification, so that the provider does not send it again. */
export function isTaken({ status }: { readonly status: number }): boolean {
  return status >= 200 && status < 300;
}
