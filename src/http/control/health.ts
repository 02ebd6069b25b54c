import { type Context, Hono } from "hono";
import type { Env } from "../env.ts";
import { noQuery } from "../middleware/one-way-in.ts";
import { respond } from "../respond.ts";

/** How the sandbox is. */
export interface Health {
  /** Whether it serves; false once it is being closed. */
  readonly ready: boolean;
  readonly version: string;
  readonly store: string;
  readonly uptimeSeconds: number;
}

/** Whether the process lives, and whether it can be asked: what container platforms want to know. */
export function healthRoutes(health: () => Health): Hono<Env> {
  const live = (c: Context<Env>) => {
    const { ready: _, ...rest } = health();
    return respond(c, 200, { status: "ok", ...rest });
  };
  const ready = (c: Context<Env>) => {
    const { ready, ...rest } = health();
    return respond(c, ready ? 200 : 503, { status: ready ? "ready" : "closing", ...rest });
  };
  return new Hono<Env>().get("/health", noQuery, live).get("/ready", noQuery, ready);
}
