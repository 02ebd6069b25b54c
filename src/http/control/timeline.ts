import type { KeptRequest } from "../../domain/logged-request.ts";
import type { Attempt, Notification } from "../../domain/notification.ts";
import type { ClockChange, TimelineEvent, TimelinePayload } from "../../domain/timeline.ts";
import type { WholePayment } from "../../services/payments/payments.ts";
import { presentTime } from "../api/present.ts";
import { presentScenario } from "./scenario-schema.ts";

/** Something that happened to a payment, at the world's time, with all that is known of it. */
export type Incident = { readonly time: number } & (
  | { readonly kind: "call"; readonly request: KeptRequest }
  | { readonly kind: "event"; readonly event: TimelineEvent }
  | { readonly kind: "move"; readonly move: ClockChange }
  | { readonly kind: "notification"; readonly notification: Notification }
  | { readonly kind: "attempt"; readonly notification: Notification; readonly attempt: Attempt }
);

/** An incident and its place among those of the same instant: beside which event, and in what order there. */
interface Line {
  readonly incident: Incident;
  /** The event's index; that of a line before all events is -1. */
  readonly event: number;
  readonly rank: number;
}

/** The order beside one event: what it made stands before it, what came of it after it. */
const ranks = { making: 0, event: 1, notification: 2, attempt: 3, after: 4 } as const;

/** All that happened to a payment, in order, the requests about it among the rest. */
export function timelineOf(whole: WholePayment, requests: readonly KeptRequest[]): Incident[] {
  const { events, notifications, clockChanges } = whole;
  const lines: readonly Line[] = [
    ...callLines(whole, requests),
    ...events.map((event, index): Line => {
      return { incident: { time: event.time, kind: "event", event }, event: index, rank: ranks.event };
    }),
    ...notifications.flatMap((notification) => notificationLines(whole, notification)),
    ...clockChanges
      // What had been moved before it was created is none of its history.
      .filter(({ to, from }) => to > whole.payment.createTime || from === whole.payment.createTime)
      .map((move): Line => {
        const event = events.findLastIndex(({ time }) => time <= move.from);
        return { incident: { time: move.from, kind: "move", move }, event, rank: ranks.after };
      }),
  ];
  return lines
    .toSorted((a, b) => a.incident.time - b.incident.time || a.event - b.event || a.rank - b.rank)
    .map(({ incident }) => incident);
}

/** A request that made something stands before it; any other one after what there was when it was answered. */
function callLines({ events }: WholePayment, requests: readonly KeptRequest[]): Line[] {
  const made = new Set<number>();
  return requests.map((request) => {
    const incident = { time: request.at, kind: "call", request } as const;
    const event = events.findIndex(({ payload }, index) => !made.has(index) && makes(request, payload));
    if (event < 0) return { incident, event: (request.place ?? events.length) - 1, rank: ranks.after };
    made.add(event);
    return { incident, event, rank: ranks.making };
  });
}

function makes({ method, target, answer, place }: KeptRequest, happening: TimelinePayload): boolean {
  if (method !== "POST") return false;
  if (happening.kind === "created") return /^\/v1\/payments(\?|$)/.test(target);
  return (
    happening.kind === "refund" &&
    happening.status === "pending" &&
    place !== undefined &&
    answer.includes(`"id":"${happening.refundId}"`)
  );
}

function notificationLines({ events }: WholePayment, notification: Notification): Line[] {
  const { createTime, type, refundId } = notification;
  const cause = events.findIndex(({ time, payload }) => {
    const tells = payload.kind === "refund" ? payload.refundId === refundId : payload.kind === "status";
    return time === createTime && tells && (payload.kind === "refund") === (type === "refund");
  });
  const made = { time: createTime, kind: "notification", notification } as const;
  return [
    { incident: made, event: cause, rank: ranks.notification },
    ...notification.attempts.map((attempt): Line => {
      const time = attempt.startedAt;
      const before = events.findLastIndex((event) => (attempt.manual ? event.time <= time : event.time < time));
      const incident = { time, kind: "attempt", notification, attempt } as const;
      return { incident, event: Math.max(cause, before), rank: ranks.attempt };
    }),
  ];
}

/** A payment's timeline as the control surface tells it. */
export function presentTimeline(whole: WholePayment, requests: readonly KeptRequest[]): object[] {
  return timelineOf(whole, requests).map((incident) => ({ time: presentTime(incident.time), ...lineOf(incident) }));
}

function lineOf(incident: Incident): object {
  switch (incident.kind) {
    case "call":
      return callLine(incident.request);
    case "event":
      return eventLine(incident.event.payload);
    case "move": {
      const { mode, from, to } = incident.move;
      return { kind: "clock", mode, from: presentTime(from), to: presentTime(to) };
    }
    case "notification": {
      const { id, type, state } = incident.notification;
      return { kind: "notification", notificationId: id, type, state };
    }
    case "attempt":
      return attemptLine(incident.notification.id, incident.attempt);
  }
}

function callLine({ method, target, status, signature, diagnosis, scenario }: KeptRequest): object {
  return {
    kind: "call",
    method,
    target,
    status,
    ...(signature === undefined ? {} : { signature }),
    ...(diagnosis === undefined ? {} : { diagnosis }),
    ...(scenario === undefined ? {} : { scenario: presentScenario(scenario.scenario) }),
  };
}

function eventLine(happening: TimelinePayload): object {
  if (happening.kind !== "scenario") return happening;
  const { kind, scenario, trigger } = happening;
  return { kind, scenario: presentScenario(scenario), trigger };
}

function attemptLine(notificationId: string, { manual, repeated, answer, error }: Attempt): object {
  return {
    kind: "attempt",
    notificationId,
    ...(manual === undefined ? {} : { manual }),
    ...(repeated === undefined ? {} : { repeated }),
    ...(answer === undefined ? { error } : { status: answer.status }),
  };
}
