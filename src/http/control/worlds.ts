import { Hono } from "hono";
import { writeSettings } from "../../domain/settings.ts";
import type { World } from "../../domain/world.ts";
import type { WorldLifecycle } from "../../services/lifecycle/world-lifecycle.ts";
import type { Clocks } from "../../services/scheduling/clocks.ts";
import type { Worlds } from "../../services/worlds/worlds.ts";
import { presentTime } from "../api/present.ts";
import { type Env, queryOf } from "../env.ts";
import { noQuery } from "../middleware/one-way-in.ts";
import { respondRefusal, respondResult } from "../respond.ts";
import { parseControlBody, parseValue } from "../validate.ts";
import { advanceBody, changeWorldBody, clockBody, resetBody, worldOnly } from "./schemas.ts";

const presentClock = ({ mode, now }: { mode: string; now: number }) => ({ mode, now: presentTime(now) });

const presentWorld = ({ processingAccountId, settings }: World) => ({
  processingAccountId,
  settings: writeSettings(settings),
});

/** A world's settings, and its end. */
export function worldRoutes(worlds: Worlds, lifecycle: WorldLifecycle): Hono<Env> {
  return new Hono<Env>()
    .get("/worlds/:processingAccountId", noQuery, async (c) => {
      return respondResult(c, await worlds.find(c.req.param("processingAccountId")), 200, presentWorld);
    })
    .patch("/worlds/:processingAccountId", async (c) => {
      const body = parseControlBody(changeWorldBody, c.get("body"));
      if (!body.ok) return respondRefusal(c, body.refusal);
      const changed = await worlds.change(c.req.param("processingAccountId"), body.value.settings);
      return respondResult(c, changed, 200, presentWorld);
    })
    .delete("/worlds/:processingAccountId", noQuery, async (c) => {
      return respondResult(c, await lifecycle.remove(c.req.param("processingAccountId")), 200, () => ({}));
    });
}

/** A world's clock, and putting it back to the start. */
export function clockRoutes(clocks: Clocks, lifecycle: WorldLifecycle): Hono<Env> {
  return new Hono<Env>()
    .get("/clock", async (c) => {
      const query = parseValue(worldOnly, queryOf(c));
      if (!query.ok) return respondRefusal(c, query.refusal);
      return respondResult(c, await clocks.view(query.value.processingAccountId), 200, presentClock);
    })
    .post("/clock", async (c) => {
      const body = parseControlBody(clockBody, c.get("body"));
      if (!body.ok) return respondRefusal(c, body.refusal);
      const { processingAccountId, ...setting } = body.value;
      const time = setting.mode === "frozen" ? setting.at : undefined;
      const set = await clocks.set({ mode: setting.mode, time }, processingAccountId);
      return respondResult(c, set, 200, ({ now, ran }) => ({ ...presentClock({ mode: setting.mode, now }), ran }));
    })
    .post("/clock/advance", async (c) => {
      const body = parseControlBody(advanceBody, c.get("body"));
      if (!body.ok) return respondRefusal(c, body.refusal);
      const advanced = await clocks.advance(body.value.target, body.value.processingAccountId);
      return respondResult(c, advanced, 200, ({ now, ran }) => ({ now: presentTime(now), ran }));
    })
    .post("/settle", async (c) => {
      const body = parseControlBody(worldOnly, c.get("body"), true);
      if (!body.ok) return respondRefusal(c, body.refusal);
      return respondResult(c, await clocks.settle(body.value.processingAccountId), 200, presentClock);
    })
    .post("/reset", async (c) => {
      const body = parseControlBody(resetBody, c.get("body"), true);
      if (!body.ok) return respondRefusal(c, body.refusal);
      const reset = body.value.all ? lifecycle.resetAll() : lifecycle.reset(body.value.processingAccountId);
      return respondResult(c, await reset, 200, presentClock);
    });
}
