import { z } from "zod";
import { payment } from "../api/responses.ts";
import * as answers from "./answers.ts";
import {
  loggedRequestsQuery,
  notificationsQuery,
  notificationWaitQuery,
  paymentWaitQuery,
  verifyBody,
  worldPaymentsQuery,
} from "./looking-schemas.ts";
import type { ControlOperation } from "./operation.ts";
import { nextScenarioBody } from "./scenario-schema.ts";
import { actBody, actOnRefundBody, diagnoseBody, providerRefundBody, worldOnly } from "./schemas.ts";

/** Filled in by the document, which knows the scenarios. */
const waitingScenario = z.unknown().meta({ id: "WaitingScenario" });

const queue = z
  .object({ data: z.array(z.object({ scenario: waitingScenario, times: z.number() })) })
  .meta({ id: "Queue", description: "The scenarios that wait in a world, in order." });

const catalogue = z
  .object({
    data: z.array(z.looseObject({ name: z.string(), amount: z.number(), description: z.string(), on: z.string() })),
  })
  .meta({ id: "Catalogue", description: "Every scenario that has a name, and the amount in HKD that chooses it." });

export const paymentOperations: readonly ControlOperation[] = [
  {
    method: "get",
    path: "/payments",
    id: "listPaymentsOfWorld",
    tag: "Payments",
    summary: "A world's payments",
    query: worldPaymentsQuery,
    answers: { 200: { description: "One page.", schema: answers.paymentsOfWorld } },
    refusals: ["invalid_request", "not_found"],
  },
  {
    method: "get",
    path: "/payments/{paymentId}",
    id: "getWholePayment",
    tag: "Payments",
    summary: "All about a payment",
    answers: { 200: { description: "The payment as it is now.", schema: answers.wholePayment } },
    refusals: ["invalid_request", "not_found"],
  },
  {
    method: "get",
    path: "/payments/{paymentId}/wait",
    id: "waitForPayment",
    tag: "Payments",
    summary: "Wait until a payment has a status",
    description: "It answers as soon as that is so, and refuses as soon as that can no longer be.",
    query: paymentWaitQuery,
    answers: { 200: { description: "The payment then.", schema: answers.wholePayment } },
    refusals: ["invalid_request", "not_found", "not_reached"],
  },
  {
    method: "post",
    path: "/payments/{paymentId}/actions",
    id: "actOnPayment",
    tag: "Payments",
    summary: "Do what a button of the pages does",
    body: { schema: actBody, example: { action: "pay" } },
    answers: { 200: { description: "The payment after that.", schema: payment } },
    refusals: ["invalid_request", "not_found", "action_not_allowed"],
  },
  {
    method: "post",
    path: "/payments/{paymentId}/refunds",
    id: "startRefundAtProvider",
    tag: "Payments",
    summary: "Start a refund at the provider",
    description: "Without an amount, of all that is left.",
    body: { schema: providerRefundBody, optional: true, example: { amount: { value: 50, currency: "hkd" } } },
    answers: { 201: { description: "The refund, which is pending.", schema: answers.refund } },
    refusals: [
      "invalid_request",
      "unsupported_currency",
      "amount_below_minimum",
      "not_found",
      "payment_not_refundable",
      "refund_window_closed",
      "partial_refund_limit_reached",
      "refund_amount_exceeded",
    ],
  },
  {
    method: "post",
    path: "/refunds/{refundId}/actions",
    id: "actOnRefund",
    tag: "Payments",
    summary: "Decide a refund that is pending",
    body: { schema: actOnRefundBody, example: { action: "fail" } },
    answers: { 200: { description: "The refund after that.", schema: answers.refund } },
    refusals: ["invalid_request", "not_found", "action_not_allowed"],
  },
];

export const scenarioOperations: readonly ControlOperation[] = [
  {
    method: "get",
    path: "/scenarios",
    id: "listScenarios",
    tag: "Scenarios",
    summary: "The catalogue",
    answers: { 200: { description: "All of it.", schema: catalogue } },
    refusals: ["invalid_request"],
  },
  {
    method: "get",
    path: "/scenarios/next",
    id: "listNextScenarios",
    tag: "Scenarios",
    summary: "The scenarios that wait",
    query: worldOnly,
    answers: { 200: { description: "The queue.", schema: queue } },
    refusals: ["invalid_request", "not_found"],
  },
  {
    method: "post",
    path: "/scenarios/next",
    id: "addNextScenario",
    tag: "Scenarios",
    summary: "Put a scenario at the end of the queue",
    body: { schema: nextScenarioBody, example: { scenario: "declined_insufficient_funds", times: 2 } },
    answers: { 201: { description: "The queue after that.", schema: queue } },
    refusals: ["invalid_request", "not_found", "action_not_allowed"],
  },
  {
    method: "delete",
    path: "/scenarios/next",
    id: "clearNextScenarios",
    tag: "Scenarios",
    summary: "Empty the queue",
    query: worldOnly,
    answers: { 200: { description: "The queue, which is empty.", schema: queue } },
    refusals: ["invalid_request", "not_found"],
  },
];

export const notificationOperations: readonly ControlOperation[] = [
  {
    method: "get",
    path: "/notifications",
    id: "listNotifications",
    tag: "Notifications",
    summary: "A world's notifications",
    query: notificationsQuery,
    answers: { 200: { description: "One page.", schema: answers.notifications } },
    refusals: ["invalid_request", "not_found"],
  },
  {
    method: "get",
    path: "/notifications/wait",
    id: "waitForNotification",
    tag: "Notifications",
    summary: "Wait for a notification",
    description: "It answers when one fits and its first attempt has ended, or none will be made.",
    query: notificationWaitQuery,
    answers: { 200: { description: "The newest that fits.", schema: answers.notification } },
    refusals: ["invalid_request", "not_found", "not_reached"],
  },
  {
    method: "get",
    path: "/notifications/{notificationId}",
    id: "getNotification",
    tag: "Notifications",
    summary: "A notification with its attempts",
    answers: { 200: { description: "The notification as it is now.", schema: answers.notification } },
    refusals: ["invalid_request", "not_found"],
  },
  {
    method: "post",
    path: "/notifications/{notificationId}/resend",
    id: "resendNotification",
    tag: "Notifications",
    summary: "Make an extra attempt: the same body, signed afresh",
    description:
      "It is due at once, in any state. If it is acknowledged the schedule ends; if not, all stays as it was.",
    answers: {
      200: { description: "The notification; the attempt is still to be made.", schema: answers.notification },
    },
    refusals: ["invalid_request", "not_found", "action_not_allowed"],
  },
];

export const requestOperations: readonly ControlOperation[] = [
  {
    method: "get",
    path: "/requests",
    id: "listRequests",
    tag: "Requests",
    summary: "A world's last requests",
    description: "1,000 and 8 MiB at most; those of no world stand under the demo world. Secrets are redacted.",
    query: loggedRequestsQuery,
    answers: { 200: { description: "One page.", schema: answers.loggedRequests } },
    refusals: ["invalid_request", "not_found"],
  },
  {
    method: "post",
    path: "/requests/verify",
    id: "verifyRequests",
    tag: "Requests",
    summary: "Count the requests that are like this",
    description: "All that `match` names must fit. At least one is wanted where nothing else is said.",
    body: { schema: verifyBody, example: { match: { method: "POST", path: "/v1/payments" }, exactly: 1 } },
    answers: { 200: { description: "As many as were wanted.", schema: answers.count } },
    refusals: ["invalid_request", "not_found", "not_matched"],
  },
  {
    method: "post",
    path: "/signature/diagnose",
    id: "diagnoseSignature",
    tag: "Requests",
    summary: "Explain a signature",
    body: {
      schema: diagnoseBody,
      example: { method: "GET", target: "/v1/payments", signature: "{header}..{signature}" },
    },
    answers: { 200: { description: "Every check with its verdict.", schema: answers.diagnosis } },
    refusals: ["invalid_request"],
  },
  {
    method: "get",
    path: "/events",
    id: "streamEvents",
    tag: "Requests",
    summary: "Hints that something has changed",
    description: "Server-sent events: `hello` at the start, then `change` with `resource`, `id` and `version`.",
    query: worldOnly,
    answers: { 200: { description: "A stream, for as long as the client listens." } },
    refusals: ["invalid_request", "not_found"],
  },
];
