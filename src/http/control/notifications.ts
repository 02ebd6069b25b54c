import { Hono } from "hono";
import type { Notification } from "../../domain/notification.ts";
import type { WaitFor } from "../../services/observing/wait-for.ts";
import type { Queries } from "../../services/payments/queries.ts";
import type { WebhookDelivery } from "../../services/scheduling/delivery.ts";
import type { Worlds } from "../../services/worlds/worlds.ts";
import { presentPage, presentTime } from "../api/present.ts";
import { type Env, queryOf } from "../env.ts";
import { noBody, noQuery } from "../middleware/one-way-in.ts";
import { respondRefusal, respondResult } from "../respond.ts";
import { parseValue } from "../validate.ts";
import { listNames, notificationsQuery, notificationWaitQuery } from "./looking-schemas.ts";

/** A notification with its attempts, in order. */
function presentNotification(notification: Notification): object {
  const { processingAccountId: _, body, attempts, createTime, nextAttemptTime, ...rest } = notification;
  return {
    ...rest,
    createTime: presentTime(createTime),
    ...(nextAttemptTime === undefined ? {} : { nextAttemptTime: presentTime(nextAttemptTime) }),
    attempts: attempts.map(({ startedAt, requestHeaders, ...attempt }) => ({
      startedAt: presentTime(startedAt),
      requestHeaders,
      requestBody: body,
      ...attempt,
    })),
  };
}

/** What stands behind the routes of this file. */
export interface NotificationParts {
  readonly arrivals: WaitFor;
  readonly lists: Queries;
  readonly delivery: WebhookDelivery;
  readonly worlds: Worlds;
}

/** What went out to merchants, waiting for it, and sending it again. */
export function notificationRoutes({ arrivals, lists, delivery, worlds }: NotificationParts): Hono<Env> {
  return new Hono<Env>()
    .get("/notifications", async (c) => {
      const query = parseValue(notificationsQuery, queryOf(c));
      if (!query.ok) return respondRefusal(c, query.refusal);
      const world = await worlds.find(query.value.processingAccountId);
      if (!world.ok) return respondRefusal(c, world.refusal);
      const found = await lists.notificationsOf(world.value.processingAccountId, query.value);
      return respondResult(c, found, 200, (page) => presentPage(listNames.notifications, page, presentNotification));
    })
    .get("/notifications/wait", async (c) => {
      const query = parseValue(notificationWaitQuery, queryOf(c));
      if (!query.ok) return respondRefusal(c, query.refusal);
      const { match, timeoutMs } = query.value;
      const closed = arrivals.refusalAfterClose();
      if (closed !== undefined) return respondRefusal(c, closed);
      const world = await worlds.find(query.value.processingAccountId);
      if (!world.ok) return respondRefusal(c, world.refusal);
      const { processingAccountId } = world.value;
      const arrived = await arrivals.notification(processingAccountId, match, timeoutMs, c.req.raw.signal);
      return respondResult(c, arrived, 200, presentNotification);
    })
    .get("/notifications/:notificationId", noQuery, async (c) => {
      return respondResult(c, await lists.notification(c.req.param("notificationId")), 200, presentNotification);
    })
    .post("/notifications/:notificationId/resend", noBody, async (c) => {
      return respondResult(c, await delivery.resend(c.req.param("notificationId")), 200, presentNotification);
    });
}
