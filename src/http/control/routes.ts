import { Hono } from "hono";
import type { Control } from "../../services/control.ts";
import { presentPayment, presentTime } from "../api/present.ts";
import { type Addresses, type Env, requestOrigin } from "../env.ts";
import { respond, respondRefusal, respondResult } from "../respond.ts";
import { parseBody, parseValue } from "../validate.ts";
import { actBody, advanceBody, clockBody, resetBody, worldOnly } from "./schemas.ts";

/** What the demo merchant's developer needs. */
export interface PresentedCredentials {
  readonly baseUrl: string;
  readonly processingAccountId: string;
  readonly kid: string;
  readonly privateKey: string;
  readonly publicKey: string;
  readonly hmacKid: string;
  readonly hmacKey: string;
  readonly hmacKeys: readonly { readonly kid: string; readonly key: string }[];
}

export interface Health {
  readonly status: "ok";
  readonly version: string;
  readonly store: string;
  readonly uptimeSeconds: number;
}

export function healthRoutes(health: () => Health): Hono<Env> {
  return new Hono<Env>().get("/health", (c) => respond(c, 200, health()));
}

export function controlRoutes(
  control: Control,
  addresses: Addresses,
  credentials: (baseUrl: string) => PresentedCredentials,
): Hono<Env> {
  const presentClock = ({ mode, now }: { mode: string; now: number }) => ({ mode, now: presentTime(now) });
  return new Hono<Env>()
    .get("/credentials", (c) => respond(c, 200, credentials(addresses.base(requestOrigin(c)))))
    .post("/payments/:paymentId/actions", async (c) => {
      const body = parseBody(actBody, c.get("body"));
      if (!body.ok) return respondRefusal(c, body.refusal);
      const acted = await control.act(c.req.param("paymentId"), body.value.action, body.value.reason);
      return respondResult(c, acted, 200, ({ payment }) => presentPayment(payment, addresses.base(requestOrigin(c))));
    })
    .get("/clock", async (c) => {
      const query = parseValue(worldOnly, c.req.query());
      if (!query.ok) return respondRefusal(c, query.refusal);
      return respondResult(c, await control.clock(query.value.processingAccountId), 200, presentClock);
    })
    .post("/clock", async (c) => {
      const body = parseBody(clockBody, c.get("body"));
      if (!body.ok) return respondRefusal(c, body.refusal);
      const { processingAccountId, ...setting } = body.value;
      const time = setting.mode === "frozen" ? setting.at : undefined;
      const set = await control.setClock({ mode: setting.mode, time }, processingAccountId);
      return respondResult(c, set, 200, ({ now, ran }) => ({ ...presentClock({ mode: setting.mode, now }), ran }));
    })
    .post("/clock/advance", async (c) => {
      const body = parseBody(advanceBody, c.get("body"));
      if (!body.ok) return respondRefusal(c, body.refusal);
      const advanced = await control.advance(body.value.target, body.value.processingAccountId);
      return respondResult(c, advanced, 200, ({ now, ran }) => ({ now: presentTime(now), ran }));
    })
    .post("/settle", async (c) => {
      const body = parseBody(worldOnly, c.get("body"), {});
      if (!body.ok) return respondRefusal(c, body.refusal);
      return respondResult(c, await control.settle(body.value.processingAccountId), 200, presentClock);
    })
    .post("/reset", async (c) => {
      const body = parseBody(resetBody, c.get("body"), {});
      if (!body.ok) return respondRefusal(c, body.refusal);
      const reset = body.value.all ? control.resetAll() : control.reset(body.value.processingAccountId);
      return respondResult(c, await reset, 200, presentClock);
    });
}
