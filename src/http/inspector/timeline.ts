import { html } from "hono/html";
import type { KeptRequest } from "../../domain/logged-request.ts";
import { type Attempt, isExtra, type Notification } from "../../domain/notification.ts";
import type { WholePayment } from "../../services/payments/payments.ts";
import { type Incident, timelineOf } from "../control/timeline.ts";
import type { Html } from "../ui/layout.ts";
import { eventLines } from "./events.ts";
import { durationInWords, formatTimeNear, prettyBody } from "./format.ts";
import { callLine } from "./request-row.ts";
import { lineItems, type TimelineRow } from "./timeline-row.ts";

/** More than so many lines are too many to read. */
const linesMax = 300;

/** All that happened to a payment, newest last. */
export function timeline(whole: WholePayment, requests: readonly KeptRequest[], base: string): Html {
  const lines = linesOf(whole, requests, base);
  const left = Math.max(0, lines.length - linesMax);
  return html`<ol class="timeline" data-testid="timeline">
    ${left === 0 ? "" : html`<li class="note">${left} earlier lines are left out: GET /_sandbox/payments/${whole.payment.id} has them.</li>`}
    ${lineItems(lines.slice(left), "line")}
  </ol>`;
}

function linesOf(whole: WholePayment, requests: readonly KeptRequest[], base: string): TimelineRow[] {
  const called = requests.some(({ method }) => method === "POST");
  const linesOfEvent = eventLines(whole, called);
  return grouped(timelineOf(whole, requests)).flatMap(({ incident, count, key }): TimelineRow[] => {
    if (incident.kind === "call") return [callLine(incident.request, base, key, count)];
    if (incident.kind === "event") return linesOfEvent(incident.event);
    if (incident.kind === "move") return [moveLine(incident)];
    return incident.kind === "attempt" ? [attemptLine(incident, whole)] : notificationLine(incident);
  });
}

interface Group {
  readonly incident: Incident;
  readonly count: number;
  readonly key: string;
}

/** The same reading over and over, as merchants do who wait for a status, is one line. */
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

function moveLine({ time, move: { id, from, to, mode } }: Incident & { kind: "move" }): TimelineRow {
  const still = mode === "frozen" ? "Frozen" : "Running";
  return {
    key: `move-${id}`,
    time,
    tag: "Clock",
    title: html`${to > from ? `Advanced by ${durationInWords(to - from)}` : still}`,
    words: to > from ? [`to ${formatTimeNear(to, from)}, ${mode}`] : [],
  };
}

const unsent: Readonly<Record<Notification["state"], string>> = {
  no_endpoint: "the world had no endpoint",
  suppressed: "a scenario holds it back",
  due: "its first attempt is still to come",
  retrying: "",
  delivered: "",
  exhausted: "",
};

/** A notification shows by its attempts; one that has none says why. */
function notificationLine({ time, notification }: Incident & { kind: "notification" }): TimelineRow[] {
  const { id, type, state, attempts } = notification;
  if (attempts.length > 0) return [];
  const title = html`Notification of the ${type} not sent`;
  return [{ key: `webhook-${id}`, time, tag: "Webhook", title, words: [unsent[state]] }];
}

function attemptLine(
  { time, notification, attempt }: Incident & { kind: "attempt" },
  { world }: WholePayment,
): TimelineRow {
  const index = notification.attempts.indexOf(attempt);
  const number = notification.attempts.slice(0, index + 1).filter((made) => !isExtra(made)).length;
  const name = attempt.manual ? "Attempt by hand" : attempt.repeated ? "Sent again by a scenario" : `Attempt ${number}`;
  const status = attempt.answer?.status;
  const about = notification.type === "refund" ? " for the refund" : "";
  return {
    key: `attempt-${notification.id}-${index}`,
    time,
    tag: "Webhook",
    title: html`${name}${about} → ${status ?? "no answer"}`,
    words: [
      ...(attempt.error === undefined ? [] : [attempt.error]),
      `POST ${attempt.url}`,
      `${attempt.durationMs} ms`,
      ...nextWords(notification, attempt, index),
    ],
    wrong: status === undefined || status < 200 || status > 299,
    more: {
      name: "What was sent and answered",
      testid: "attempt-open",
      body: attemptDetails(notification, attempt, world.settings.webhookTimeoutMs),
    },
  };
}

/** When the attempt after one of the schedule's is made. */
function nextWords({ attempts, nextAttemptTime, state }: Notification, attempt: Attempt, index: number): string[] {
  if (isExtra(attempt)) return [];
  const planned = state === "retrying" ? nextAttemptTime : undefined;
  const next = attempts.slice(index + 1).find((made) => !isExtra(made))?.startedAt ?? planned;
  return next === undefined ? [] : [`next in ${durationInWords(next - attempt.startedAt)}`];
}

function attemptDetails(
  { body }: Notification,
  { url, requestHeaders, answer, error }: Attempt,
  timeoutMs: number,
): Html {
  const headers = requestHeaders.map(([name, value]) => `${name}: ${value}`).join("\n");
  const nothing = `nothing: ${error} (it has ${timeoutMs / 1000} s)`;
  const answered = answer && `${answer.status}${answer.body === "" ? "" : `\n\n${prettyBody(answer.body)}`}`;
  return html`<h4>Sent</h4>
    <pre tabindex="0" data-testid="sent-text">POST ${url}\n${headers}\n\n${prettyBody(body)}</pre>
    <h4>Answered</h4>
    <pre tabindex="0" data-testid="answered-text">${answered ?? nothing}</pre>`;
}
