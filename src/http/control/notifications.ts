import { z } from "zod";
import { type Notification, notificationStates, notificationTypes } from "../../domain/notification.ts";
import { accept, type Result } from "../../domain/refusal.ts";
import type { WebhookPlan } from "../../domain/scenario.ts";
import type { ReceivedMessages } from "../../services/received-messages.ts";
import { presentTime } from "../api/fields.ts";
import { presentPage } from "../api/lists.ts";
import { respondRefusal } from "../respond.ts";
import { lazySchema, type Resource } from "../route.ts";
import {
  compact,
  listQuery,
  named,
  optionalText,
  pageOf,
  paymentStatus,
  processingAccountId,
  realMs,
  responseInstant,
  textOf,
  timeoutMs,
} from "./fields.ts";
import { controlRoute } from "./route.ts";
import type { ControlServices } from "./services.ts";

const headerPairs = () =>
  z.array(z.array(z.string())).meta({ description: "Pairs of name and value." }) as unknown as z.ZodType<
    [name: string, value: string][]
  >;

const attempt = lazySchema(() =>
  named(
    "Attempt",
    "One attempt to deliver a notification.",
    z.object({
      startedAt: responseInstant().meta({ description: "World time." }),
      url: z.string(),
      requestHeaders: headerPairs(),
      requestBody: z.string(),
      manual: z.literal(true).exactOptional().meta({ description: "Requested by a resend; not part of the schedule." }),
      repeated: z
        .literal(true)
        .exactOptional()
        .meta({ description: "Requested by a scenario; not part of the schedule." }),
      answer: z
        .object({ status: z.number(), headers: z.exactOptional(headerPairs()), body: z.string() })
        .exactOptional()
        .meta({
          description:
            "The response. `body` is its first 4 KiB, decoded; binary content is described in brackets. Absent " +
            "without a response, then `error` says why.",
        }),
      error: z.string().exactOptional(),
      diagnosis: z
        .string()
        .exactOptional()
        .meta({ description: "The likeliest cause of a 401 or 403, and its remedy." }),
      durationMs: realMs(),
    }),
  ),
);
/** One attempt to deliver a notification. */
export type AttemptView = Resource<typeof attempt>;

const notification = lazySchema(() =>
  named(
    "Notification",
    "A notification to a merchant's endpoint, with its attempts in order.",
    z.object({
      id: z.string(),
      type: z.enum(notificationTypes),
      paymentId: z.string(),
      refundId: z.string().exactOptional(),
      state: z.enum(notificationStates),
      plan: textOf<WebhookPlan>().exactOptional().meta({ description: "The delivery that a scenario plans." }),
      subjectStatus: z.string().exactOptional().meta({
        description:
          "The status of the payment or refund in the sandbox's words, if the body may have another word for it.",
      }),
      createTime: responseInstant(),
      nextAttemptTime: responseInstant().exactOptional(),
      waitsFor: z
        .string()
        .exactOptional()
        .meta({
          description:
            "The notification that must be acknowledged or dropped first, with the rule `notificationQueue: " +
            "endpoint_blocks` of the contract profile.",
        }),
      attempts: z.array(attempt()),
    }),
  ),
);
/** A notification with its attempts, in order. */
export type NotificationView = Resource<typeof notification>;

const notificationPage = lazySchema(() => pageOf("Notifications", notification()));

/** Presents notifications of one world, with the likely causes of refused attempts and what they wait for. */
async function presenterOf(
  notifications: readonly Notification[],
  { receivedMessages, lists }: Pick<ControlServices, "receivedMessages" | "lists">,
): Promise<(notification: Notification) => NotificationView> {
  const waiting = notifications.find(({ queue }) => queue === "waiting");
  const head = waiting && (await lists.queueHead(waiting.processingAccountId));
  return (notification) => presentNotification(notification, receivedMessages, head?.id);
}

async function presentOne(result: Result<Notification>, services: ControlServices): Promise<Result<NotificationView>> {
  return result.ok ? accept((await presenterOf([result.value], services))(result.value)) : result;
}

function presentNotification(
  notification: Notification,
  received: ReceivedMessages,
  queueHead: string | undefined,
): NotificationView {
  const { body, attempts, createTime, nextAttemptTime, ...others } = notification;
  const { processingAccountId: _, retryDelaysMs: _schedule, queue, ...rest } = others;
  const isWaiting = queue === "waiting";
  return {
    ...compact(rest),
    createTime: presentTime(createTime),
    // While it waits, nobody knows when its next attempt is.
    ...(nextAttemptTime === undefined || isWaiting ? {} : { nextAttemptTime: presentTime(nextAttemptTime) }),
    ...(isWaiting && queueHead !== undefined ? { waitsFor: queueHead } : {}),
    attempts: attempts.map((attempt) => {
      const { startedAt, requestHeaders, answer, ...made } = attempt;
      return {
        startedAt: presentTime(startedAt),
        requestHeaders,
        requestBody: body,
        ...compact({ ...made, diagnosis: received.explainAttempt(notification, attempt) }),
        ...(answer === undefined ? {} : { answer: compact(answer) }),
      };
    }),
  };
}

const listName = "notifications";

const listNotifications = controlRoute({
  method: "GET",
  path: "/notifications",
  operationId: "listNotifications",
  tag: "Notifications",
  inWorld: true,
  summary: "List the notifications of a world",
  query: () =>
    z.strictObject({
      ...listQuery(listName),
      paymentId: optionalText("Only notifications about this payment."),
      state: z.enum(notificationStates).optional().meta({ description: "Only notifications in this state." }),
    }),
  responses: { 200: { description: "One page.", schema: notificationPage } },
  refusals: ["invalid_request", "not_found"],
  handler: async ({ query: { state, ...query } }, services) => {
    const { lists, worlds } = services;
    const world = await worlds.find(query.processingAccountId);
    if (!world.ok) return world;
    const states = state === undefined ? undefined : [state];
    const page = await lists.notificationsOf(world.value.processingAccountId, { ...query, states });
    return page.ok ? accept(presentPage(listName, page.value, await presenterOf(page.value.data, services))) : page;
  },
});

const waitForNotification = controlRoute({
  method: "GET",
  path: "/notifications/wait",
  operationId: "waitForNotification",
  tag: "Notifications",
  inWorld: true,
  summary: "Wait for a notification",
  description: "Responds when one matches and its first attempt has ended, or none will be made.",
  query: () =>
    z
      .strictObject({
        processingAccountId: processingAccountId(),
        type: z.enum(notificationTypes).optional().meta({ description: "Subject of the notification." }),
        status: paymentStatus().optional().meta({ description: "Status of the payment or refund in the body." }),
        paymentId: optionalText("Only notifications about this payment."),
        refundId: optionalText("Only notifications about this refund."),
        merchantReference: optionalText("Reference of the payment or refund in the body."),
        timeoutMs: timeoutMs(),
      })
      .transform(({ processingAccountId, timeoutMs, ...match }) => ({ processingAccountId, match, timeoutMs })),
  responses: { 200: { description: "The newest matching notification.", schema: notification } },
  refusals: ["invalid_request", "not_found", "not_reached"],
  handler: async ({ c, query: { processingAccountId, match, timeoutMs } }, services) => {
    const { arrivals, worlds } = services;
    const closed = arrivals.refusalAfterClose();
    if (closed !== undefined) return respondRefusal(c, closed);
    const world = await worlds.find(processingAccountId);
    if (!world.ok) return world;
    const { signal } = c.req.raw;
    const found = await arrivals.notification(world.value.processingAccountId, match, timeoutMs, signal);
    return presentOne(found, services);
  },
});

const getNotification = controlRoute({
  method: "GET",
  path: "/notifications/{notificationId}",
  operationId: "getNotification",
  tag: "Notifications",
  inWorld: true,
  summary: "Read a notification with its attempts",
  responses: { 200: { description: "The current notification.", schema: notification } },
  refusals: ["invalid_request", "not_found"],
  handler: async ({ params }, services) =>
    presentOne(await services.lists.notification(params.notificationId), services),
});

const resendNotification = controlRoute({
  method: "POST",
  path: "/notifications/{notificationId}/resend",
  operationId: "resendNotification",
  tag: "Notifications",
  inWorld: true,
  summary: "Make an extra attempt with the same body and a new signature",
  description:
    "The attempt is due at once, in any state. A 2xx response ends the schedule; any other response leaves it " +
    "unchanged.",
  responses: { 200: { description: "The notification before the attempt.", schema: notification } },
  refusals: ["invalid_request", "not_found", "action_not_allowed"],
  handler: async ({ params }, services) => presentOne(await services.delivery.resend(params.notificationId), services),
});

export const notificationRoutes = [
  listNotifications,
  waitForNotification,
  getNotification,
  resendNotification,
] as const;
