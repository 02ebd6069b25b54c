import { html } from "hono/html";
import type { KeptRequest } from "../../domain/logged-request.ts";
import { type Attempt, isExtra, type Notification } from "../../domain/notification.ts";
import type { WholePayment } from "../../services/payments/payments.ts";
import { type Incident, timelineOf } from "../control/timeline.ts";
import { type Html, textBetweenTags } from "../ui/html.ts";
import { entryOf } from "./done.ts";
import { eventRows } from "./events.ts";
import { durationInWords, prettyBody } from "./format.ts";
import { copyLink } from "./forms.ts";
import { addressOf, type PageAddress, webhookCommandUrl } from "./page-address.ts";
import type { PageData } from "./page-data.ts";
import { requestRow } from "./request-row.ts";
import { rowItems, type TimelineRow } from "./timeline-row.ts";
import { shownBody } from "./webhook-body.ts";

/** Maximum number of rows. */
const rowsMax = 300;

/** The timeline of a payment, newest last. */
export function timeline(whole: WholePayment, requests: readonly KeptRequest[], data: PageData): Html {
  const rows = rowsOf(whole, requests, data);
  const omitted = Math.max(0, rows.length - rowsMax);
  return html`<ol class="timeline" data-testid="timeline">
    ${omitted === 0 ? "" : omittedNote(omitted, whole.payment.id)}
    ${rowItems(rows.slice(omitted), { testid: "line", times: data.times, openKey: entryOf(data.done) })}
  </ol>`;
}

function omittedNote(count: number, paymentId: string): Html {
  const path = `/_sandbox/payments/${paymentId}`;
  return html`<li class="note">${count} earlier lines are not shown: GET ${path} returns them.</li>`;
}

function rowsOf(whole: WholePayment, requests: readonly KeptRequest[], data: PageData): TimelineRow[] {
  const hasCreateCall = requests.some(({ method }) => method === "POST");
  const rowsOfEvent = eventRows(whole, hasCreateCall, data.times);
  return grouped(timelineOf(whole, requests)).flatMap(({ incident, count, key }): TimelineRow[] => {
    if (incident.kind === "call")
      return [requestRow(incident.request, { base: data.base, world: whole.world }, key, count)];
    if (incident.kind === "event") return rowsOfEvent(incident.event);
    if (incident.kind === "move") return [clockRow(incident, data)];
    return incident.kind === "attempt" ? [attemptRow(incident, whole, data)] : notificationRow(incident, data);
  });
}

interface Group {
  readonly incident: Incident;
  readonly count: number;
  readonly key: string;
}

/** Groups equal reads in a row, as of a merchant that polls a status. */
function grouped(incidents: readonly Incident[]): Group[] {
  const groups: Group[] = [];
  for (const incident of incidents) {
    const last = groups.at(-1);
    const key = incident.kind === "call" ? `call-${incident.request.sequence}` : "";
    if (last === undefined || !isSameRead(last.incident, incident)) groups.push({ incident, count: 1, key });
    else groups[groups.length - 1] = { incident, count: last.count + 1, key: last.key };
  }
  return groups;
}

function isSameRead(a: Incident, b: Incident): boolean {
  if (a.kind !== "call" || b.kind !== "call" || a.request.method !== "GET") return false;
  return (["method", "target", "status", "signature"] as const).every((name) => a.request[name] === b.request[name]);
}

function clockRow(
  { time, move: { id, from, to, mode } }: Incident & { kind: "move" },
  { times }: PageData,
): TimelineRow {
  const name = mode === "frozen" ? "Frozen" : "Running";
  return {
    key: `move-${id}`,
    time,
    tag: "Clock",
    title: html`${to > from ? `Advanced by ${durationInWords(to - from)}` : name}`,
    notes: to > from ? [`to ${times.near(to, from)}, ${mode}`] : [],
  };
}

const unsent: Readonly<Record<Notification["state"], string>> = {
  no_endpoint: "the world had no endpoint",
  suppressed: "suppressed by a scenario",
  due: "before its first attempt",
  retrying: "",
  delivered: "",
  exhausted: "",
};

/** The reason why a notification has no attempts. Its attempts are separate rows. */
function notificationRow(
  { time, notification }: Incident & { kind: "notification" },
  { address }: PageData,
): TimelineRow[] {
  const { id, type, state, attempts, queue } = notification;
  if (attempts.length > 0) return [];
  const reason = queue === "waiting" ? "waits for another notification of the endpoint" : unsent[state];
  const title = html`Notification of the ${type} not sent`;
  const link = html`<p>${webhookLink(notification, address)}</p>`;
  return [{ key: `webhook-${id}`, time, tag: "Webhook", title, notes: [reason], link }];
}

/** An attempt to deliver a notification as a timeline row. */
export function attemptRow(
  { time, notification, attempt }: Pick<Incident & { kind: "attempt" }, "time" | "notification" | "attempt">,
  { world }: Pick<WholePayment, "world">,
  { receivedMessages, address }: Pick<PageData, "receivedMessages" | "address">,
): TimelineRow {
  const index = notification.attempts.indexOf(attempt);
  const number = notification.attempts.slice(0, index + 1).filter((made) => !isExtra(made)).length;
  const name = attempt.manual ? "Manual attempt" : attempt.repeated ? "Sent again by a scenario" : `Attempt ${number}`;
  const status = attempt.answer?.status;
  const about = notification.type === "refund" ? " for the refund" : "";
  return {
    key: `attempt-${notification.id}-${index}`,
    time,
    tag: "Webhook",
    title: html`${name}${about} → ${status ?? "no answer"}`,
    notes: [
      ...(attempt.error === undefined ? [] : [attempt.error]),
      `POST ${attempt.url}`,
      `${attempt.durationMs} ms`,
      ...nextNotes(notification, attempt, index),
    ],
    diagnosis: receivedMessages.explainAttempt(notification, attempt),
    wrong: status === undefined || status < 200 || status > 299,
    more: {
      name: "Request and response",
      testid: "attempt-open",
      body: html`${attemptDetails(notification, attempt, world.settings.webhookTimeoutMs)}
        <div class="buttons">
          ${copyLink(webhookCommandUrl(notification.id, index + 1), "Copy as curl, as sent", "copy-webhook")}
          ${address.notificationId === notification.id ? "" : webhookLink(notification, address)}
        </div>`,
    },
  };
}

function webhookLink({ id }: Notification, address: PageAddress): Html {
  const url = addressOf(address, { place: "webhooks", paymentId: undefined, notificationId: id });
  return html`<a class="button" href="${url}" data-testid="to-webhook">All about this webhook</a>`;
}

/** When the next scheduled attempt follows. */
function nextNotes({ attempts, nextAttemptTime, state }: Notification, attempt: Attempt, index: number): string[] {
  if (isExtra(attempt)) return [];
  const planned = state === "retrying" ? nextAttemptTime : undefined;
  const next = attempts.slice(index + 1).find((made) => !isExtra(made))?.startedAt ?? planned;
  return next === undefined ? [] : [`next in ${durationInWords(next - attempt.startedAt)}`];
}

function attemptDetails(
  notification: Notification,
  { url, requestHeaders, answer, error }: Attempt,
  timeoutMs: number,
): Html {
  const failure = `no response: ${error} (timeout: ${timeoutMs / 1000} s)`;
  const answered =
    answer &&
    [[answer.status, ...linesOf(answer.headers ?? [])].join("\n"), prettyBody(answer.body)]
      .filter((part) => part !== "")
      .join("\n\n");
  const sent = `${[`POST ${url}`, ...linesOf(requestHeaders)].join("\n")}\n\n${shownBody(notification)}`;
  return html`<h4>Request</h4>
    <pre tabindex="0" data-testid="sent-text">${textBetweenTags(sent)}</pre>
    <h4>Response</h4>
    <pre tabindex="0" data-testid="answered-text">${textBetweenTags(answered ?? failure)}</pre>`;
}

/** Headers as lines of text. */
export function linesOf(headers: Attempt["requestHeaders"]): string[] {
  return headers.map(([name, value]) => `${name}: ${value}`);
}
