import { z } from "zod";
import type { KeptRequest, LoggedRequest } from "../../domain/logged-request.ts";
import type { Attempt, Notification } from "../../domain/notification.ts";
import type { ScenarioName, ScenarioTrigger } from "../../domain/scenario.ts";
import type { ClockChange, TimelineEvent, TimelinePayload } from "../../domain/timeline.ts";
import type { WholePayment } from "../../services/payments/payments.ts";
import type { ReceivedMessages } from "../../services/received-messages.ts";
import { presentTime } from "../api/fields.ts";
import { lazySchema } from "../route.ts";
import { named, responseInstant } from "./fields.ts";
import { presentScenario, type ScenarioSpec } from "./scenario-schema.ts";

/** An incident in the history of a payment, in world time. */
export type Incident = { readonly time: number } & (
  | { readonly kind: "call"; readonly request: KeptRequest }
  | { readonly kind: "event"; readonly event: TimelineEvent }
  | { readonly kind: "move"; readonly move: ClockChange }
  | { readonly kind: "notification"; readonly notification: Notification }
  | { readonly kind: "attempt"; readonly notification: Notification; readonly attempt: Attempt }
);

/** An incident with its position among the incidents of the same instant. */
interface PlacedIncident {
  readonly incident: Incident;
  /** Index of the event that it belongs to; -1 before all events. */
  readonly event: number;
  /** Order among the incidents of one event. */
  readonly rank: number;
}

/** The request that caused an event comes before it, its consequences after it. */
const ranks = { cause: 0, event: 1, notification: 2, attempt: 3, after: 4 } as const;

/** The history of a payment with the requests about it, oldest first. */
export function timelineOf(details: WholePayment, requests: readonly KeptRequest[]): Incident[] {
  const { events, notifications, clockChanges } = details;
  const placed: readonly PlacedIncident[] = [
    ...placeRequests(details, requests),
    ...events.map((event, index): PlacedIncident => {
      return { incident: { time: event.time, kind: "event", event }, event: index, rank: ranks.event };
    }),
    ...notifications.flatMap((notification) => placeNotification(details, notification)),
    ...clockChanges
      // Clock changes before the creation do not belong to the payment.
      .filter(({ to, from }) => to > details.payment.createTime || from === details.payment.createTime)
      .map((move): PlacedIncident => {
        const event = events.findLastIndex(({ time }) => time <= move.from);
        return { incident: { time: move.from, kind: "move", move }, event, rank: ranks.after };
      }),
  ];
  return placed
    .toSorted((a, b) => a.incident.time - b.incident.time || a.event - b.event || a.rank - b.rank)
    .map(({ incident }) => incident);
}

/** Places a request before the event that it caused, any other request after the events at the time of its response. */
function placeRequests({ events }: WholePayment, requests: readonly KeptRequest[]): PlacedIncident[] {
  const caused = new Set<number>();
  return requests.map((request) => {
    const incident = { time: request.at, kind: "call", request } as const;
    const event = events.findIndex(({ payload }, index) => !caused.has(index) && causes(request, payload));
    if (event < 0) return { incident, event: (request.place ?? events.length) - 1, rank: ranks.after };
    caused.add(event);
    return { incident, event, rank: ranks.cause };
  });
}

function causes({ method, target, answer, place }: KeptRequest, payload: TimelinePayload): boolean {
  if (method !== "POST") return false;
  if (payload.kind === "created") return /^\/v1\/payments(\?|$)/.test(target);
  return (
    payload.kind === "refund" &&
    payload.status === "pending" &&
    place !== undefined &&
    answer.includes(`"id":"${payload.refundId}"`)
  );
}

function placeNotification({ events }: WholePayment, notification: Notification): PlacedIncident[] {
  const { createTime, type, refundId } = notification;
  const cause = events.findIndex(({ time, payload }) => {
    const isSubject = payload.kind === "refund" ? payload.refundId === refundId : payload.kind === "status";
    return time === createTime && isSubject && (payload.kind === "refund") === (type === "refund");
  });
  const created = { time: createTime, kind: "notification", notification } as const;
  return [
    { incident: created, event: cause, rank: ranks.notification },
    ...notification.attempts.map((attempt): PlacedIncident => {
      const time = attempt.startedAt;
      const before = events.findLastIndex((event) => (attempt.manual ? event.time <= time : event.time < time));
      const incident = { time, kind: "attempt", notification, attempt } as const;
      return { incident, event: Math.max(cause, before), rank: ranks.attempt };
    }),
  ];
}

/** What a line of the timeline is about, without its time. */
type TimelineDetails =
  | Exclude<TimelinePayload, { readonly kind: "scenario" }>
  | {
      readonly kind: "scenario";
      readonly scenario: ScenarioName | ScenarioSpec;
      /** What chose it. */
      readonly trigger: ScenarioTrigger;
    }
  | { readonly kind: "clock"; readonly mode: ClockChange["mode"]; readonly from: string; readonly to: string }
  | ({ readonly kind: "notification"; readonly notificationId: string } & Pick<Notification, "type" | "state">)
  | {
      readonly kind: "attempt";
      readonly notificationId: string;
      readonly manual?: true;
      readonly repeated?: true;
      /** HTTP status; absent without a response, then `error` says why. */
      readonly status?: number;
      readonly error?: string;
      /** The likeliest cause of a 401 or 403. */
      readonly diagnosis?: string;
    }
  | ({
      /** A request of the merchant about the payment; `scenario` is the one that applied to it. */
      readonly kind: "call";
      readonly scenario?: ScenarioName | ScenarioSpec;
    } & Pick<LoggedRequest, "method" | "target" | "status" | "signature" | "diagnosis">);

/** One line of a payment's timeline, in world time. */
export type TimelineLine = { readonly time: string } & TimelineDetails;

export const timelineLine = lazySchema(
  () =>
    named(
      "TimelineLine",
      "An event, with its kind in `kind` and the members of that kind.",
      z.looseObject({ time: responseInstant(), kind: z.string() }),
    ) as unknown as z.ZodType<TimelineLine>,
);

/** A payment's timeline on the wire. */
export function presentTimeline(
  details: WholePayment,
  requests: readonly KeptRequest[],
  received: ReceivedMessages,
): TimelineLine[] {
  return timelineOf(details, requests).map((incident) => ({
    time: presentTime(incident.time),
    ...presentDetails(incident, received),
  }));
}

function presentDetails(incident: Incident, received: ReceivedMessages): TimelineDetails {
  switch (incident.kind) {
    case "call":
      return presentCall(incident.request);
    case "event":
      return presentEvent(incident.event.payload);
    case "move": {
      const { mode, from, to } = incident.move;
      return { kind: "clock", mode, from: presentTime(from), to: presentTime(to) };
    }
    case "notification": {
      const { id, type, state } = incident.notification;
      return { kind: "notification", notificationId: id, type, state };
    }
    case "attempt":
      return presentAttempt(incident, received);
  }
}

function presentCall({ method, target, status, signature, diagnosis, scenario }: KeptRequest): TimelineDetails {
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

function presentEvent(payload: TimelinePayload): TimelineDetails {
  if (payload.kind !== "scenario") return payload;
  const { kind, scenario, trigger } = payload;
  return { kind, scenario: presentScenario(scenario), trigger };
}

function presentAttempt(
  { notification, attempt }: Incident & { kind: "attempt" },
  received: ReceivedMessages,
): TimelineDetails {
  const { manual, repeated, answer, error } = attempt;
  const diagnosis = received.explainAttempt(notification, attempt);
  return {
    kind: "attempt",
    notificationId: notification.id,
    ...(manual === undefined ? {} : { manual }),
    ...(repeated === undefined ? {} : { repeated }),
    ...(answer !== undefined ? { status: answer.status } : error === undefined ? {} : { error }),
    ...(diagnosis === undefined ? {} : { diagnosis }),
  };
}
