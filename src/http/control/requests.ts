import { Hono } from "hono";
import type { KeptRequest } from "../../domain/logged-request.ts";
import type { RequestLog } from "../../services/observing/request-log.ts";
import type { Worlds } from "../../services/worlds/worlds.ts";
import { presentPage, presentTime } from "../api/present.ts";
import { type Env, queryOf } from "../env.ts";
import { respond, respondRefusal } from "../respond.ts";
import { parseControlBody, parseValue } from "../validate.ts";
import { listNames, loggedRequestsQuery, verifyBody } from "./looking-schemas.ts";

const presentRequest = ({ sequence, time, at, place: _, scenario, ...request }: KeptRequest) => ({
  id: String(sequence),
  time: presentTime(time),
  at: presentTime(at),
  ...request,
  ...(scenario === undefined ? {} : { scenario: { name: scenario.scenario.name, trigger: scenario.trigger } }),
});

/** What stands behind the routes of this file. */
export interface RequestParts {
  readonly requestLog: RequestLog;
  readonly worlds: Worlds;
}

/** What came in at the provider's API. */
export function loggedRequestRoutes({ requestLog, worlds }: RequestParts): Hono<Env> {
  return new Hono<Env>()
    .get("/requests", async (c) => {
      const query = parseValue(loggedRequestsQuery, queryOf(c));
      if (!query.ok) return respondRefusal(c, query.refusal);
      const world = await worlds.find(query.value.processingAccountId);
      if (!world.ok) return respondRefusal(c, world.refusal);
      const page = await requestLog.page(world.value.processingAccountId, query.value);
      return respond(c, 200, presentPage(listNames.requests, page, presentRequest));
    })
    .post("/requests/verify", async (c) => {
      const body = parseControlBody(verifyBody, c.get("body"));
      if (!body.ok) return respondRefusal(c, body.refusal);
      const world = await worlds.find(body.value.processingAccountId);
      if (!world.ok) return respondRefusal(c, world.refusal);
      const { match, wanted } = body.value;
      const found = await requestLog.verify(world.value.processingAccountId, match, wanted);
      if (found.ok) return respond(c, 200, { count: found.count });
      return respondRefusal(c, {
        code: "not_matched",
        count: found.count,
        wanted: found.wanted,
        nearest: found.nearest.map(({ request, differences }) => ({ request: presentRequest(request), differences })),
      });
    });
}
