import type { Context } from "hono";
import type { KeptRequest } from "../../domain/logged-request.ts";
import type { Attempt, Notification } from "../../domain/notification.ts";
import { presentPaymentDetails } from "../control/payments.ts";
import { type Env, requestOrigin } from "../env.ts";
import type { ExportFormat } from "./page-address.ts";
import type { InspectorParts } from "./page-data.ts";

/** Responds with a payment as a file; `undefined` if there is no such payment. */
export async function exportPayment(
  c: Context<Env>,
  parts: InspectorParts,
  id: string,
  format: ExportFormat,
): Promise<Response | undefined> {
  const found = await parts.payments.whole(id);
  if (!found.ok) return undefined;
  const base = parts.addresses.base(requestOrigin(c));
  const requests = await parts.requestLog.about(found.value.payment);
  const content =
    format === "json"
      ? presentPaymentDetails(found.value, requests, base, parts.receivedMessages)
      : archiveOf(requests, found.value.notifications, { base, version: parts.version });
  c.header("Cache-Control", "no-store");
  c.header("X-Content-Type-Options", "nosniff");
  c.header("Content-Disposition", `attachment; filename="payment-${id}.${format}"`);
  return c.body(JSON.stringify(content, null, 2), 200, { "Content-Type": "application/json" });
}

type Headers = readonly (readonly [name: string, value: string])[];

/** HAR 1.2: the requests about a payment and the webhook attempts, by world time. */
function archiveOf(
  requests: readonly KeptRequest[],
  notifications: readonly Notification[],
  { base, version }: { readonly base: string; readonly version: string },
): object {
  const entries = [
    ...requests.map((request) => requestEntry(request, base)),
    ...notifications.flatMap((notification) =>
      notification.attempts.map((attempt) => attemptEntry(attempt, notification.body)),
    ),
  ].sort((a, b) => a.startedDateTime.localeCompare(b.startedDateTime));
  return { log: { version: "1.2", creator: { name: "alipay-hk-sandbox", version }, entries } };
}

function requestEntry(request: KeptRequest, base: string) {
  const { method, target, body, at, durationMs, status, answer, sentSignature, diagnosis } = request;
  const headers: Headers = [
    ...(sentSignature === undefined ? [] : [["X-Signature", sentSignature] as const]),
    ...(body === "" ? [] : [["Content-Type", "application/json"] as const]),
  ];
  return entry(
    { method, url: base + target, headers, body },
    { status, headers: [["Content-Type", "application/json"]], body: answer },
    { at, durationMs, comment: diagnosis },
  );
}

function attemptEntry({ url, requestHeaders, startedAt, durationMs, answer, error }: Attempt, body: string) {
  const { status = 0, headers = [], body: received = "" } = answer ?? {};
  return entry(
    { method: "POST", url, headers: requestHeaders, body },
    { status, headers, body: received },
    { at: startedAt, durationMs, comment: error },
  );
}

/** An entry of the archive. Status 0: no response. */
function entry(
  { method, url, headers, body }: { method: string; url: string; headers: Headers; body: string },
  answer: { status: number; headers: Headers; body: string },
  { at, durationMs, comment }: { at: number; durationMs: number; comment?: string | undefined },
) {
  const common = { httpVersion: "HTTP/1.1", cookies: [], headersSize: -1 };
  const query = [...new URLSearchParams(/\?([^#]*)/.exec(url)?.[1])].map(([name, value]) => ({ name, value }));
  return {
    startedDateTime: new Date(at).toISOString(),
    time: durationMs,
    request: {
      ...{ ...common, method, url, headers: named(headers), queryString: query, bodySize: sizeOf(body) },
      ...(body === "" ? {} : { postData: { mimeType: typeIn(headers), text: body } }),
    },
    response: {
      ...{ ...common, status: answer.status, statusText: "", headers: named(answer.headers), redirectURL: "" },
      content: { size: sizeOf(answer.body), mimeType: typeIn(answer.headers), text: answer.body },
      bodySize: sizeOf(answer.body),
    },
    cache: {},
    timings: { send: 0, wait: durationMs, receive: 0 },
    ...(comment === undefined ? {} : { comment }),
  };
}

function named(headers: Headers) {
  return headers.map(([name, value]) => ({ name, value }));
}

function typeIn(headers: Headers): string {
  return headers.find(([name]) => name.toLowerCase() === "content-type")?.[1] ?? "";
}

function sizeOf(text: string): number {
  return new TextEncoder().encode(text).length;
}
