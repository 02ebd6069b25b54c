import { Hono } from "hono";
import type { Notification } from "../../domain/notification.ts";
import type { LoggedRequest, RequestLog } from "../../services/request-log.ts";
import type { Signatures } from "../../services/signatures.ts";
import type { Webhooks } from "../../services/webhooks.ts";
import type { Worlds } from "../../services/worlds.ts";
import { presentTime } from "../api/present.ts";
import { type Env, queryOf } from "../env.ts";
import { respond, respondRefusal, respondResult } from "../respond.ts";
import { parseControlBody, parseValue } from "../validate.ts";
import { diagnoseBody, lastQuery } from "./schemas.ts";

const presentRequest = ({ time, ...request }: LoggedRequest) => ({ time: presentTime(time), ...request });

const presentNotification = ({
  processingAccountId: _,
  body,
  attempts,
  createTime,
  nextAttemptTime,
  ...rest
}: Notification) => ({
  ...rest,
  createTime: presentTime(createTime),
  ...(nextAttemptTime === undefined ? {} : { nextAttemptTime: presentTime(nextAttemptTime) }),
  attempts: attempts.map(({ startedAt, requestHeaders, ...attempt }) => ({
    startedAt: presentTime(startedAt),
    requestHeaders,
    requestBody: body,
    ...attempt,
  })),
});

/** What stands behind the routes of this file. */
export interface LookingParts {
  readonly requestLog: RequestLog;
  readonly signatures: Signatures;
  readonly webhooks: Webhooks;
  readonly worlds: Worlds;
}

/** What came in, what went out, and what is wrong with a signature. */
export function lookingRoutes({ requestLog, signatures, webhooks, worlds }: LookingParts): Hono<Env> {
  return new Hono<Env>()
    .get("/notifications", async (c) => {
      const query = parseValue(lastQuery, queryOf(c));
      if (!query.ok) return respondRefusal(c, query.refusal);
      const world = await worlds.find(query.value.processingAccountId);
      if (!world.ok) return respondRefusal(c, world.refusal);
      const data = await webhooks.list(world.value.processingAccountId, query.value.limit);
      return respond(c, 200, { data: data.map(presentNotification) });
    })
    .post("/notifications/:notificationId/resend", async (c) => {
      return respondResult(c, await webhooks.resend(c.req.param("notificationId")), 200, presentNotification);
    })
    .get("/requests", async (c) => {
      const query = parseValue(lastQuery, queryOf(c));
      if (!query.ok) return respondRefusal(c, query.refusal);
      const world = await worlds.find(query.value.processingAccountId);
      if (!world.ok) return respondRefusal(c, world.refusal);
      const data = requestLog.list(world.value.processingAccountId, query.value.limit);
      return respond(c, 200, { data: data.map(presentRequest) });
    })
    .post("/signature/diagnose", async (c) => {
      const body = parseControlBody(diagnoseBody, c.get("body"));
      if (!body.ok) return respondRefusal(c, body.refusal);
      const { method, target, body: text, signature } = body.value;
      const parts = { method, target, body: new TextEncoder().encode(text) };
      return respond(c, 200, await signatures.diagnose(signature, parts));
    });
}
