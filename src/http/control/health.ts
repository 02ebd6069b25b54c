import { type Context, Hono } from "hono";
import type { Env } from "../env.ts";
import { noQuery } from "../middleware/one-way-in.ts";
import { respond } from "../respond.ts";

/** How the sandbox is. */
export interface Health {
  readonly version: string;
  readonly store: string;
  readonly uptimeSeconds: number;
}

/** Whether it serves: not while it is being closed, nor while its records cannot be reached. */
export type Readiness = "ready" | "closing" | "store_unavailable";

/** Whether the process lives, and whether it can be asked: what container platforms want to know. */
export function healthRoutes(health: () => Health, readiness: () => Promise<Readiness>): Hono<Env> {
  const live = (c: Context<Env>) => respond(c, 200, { status: "ok", ...health() });
  const ready = async (c: Context<Env>) => {
    const status = await readiness();
    return respond(c, status === "ready" ? 200 : 503, { status, ...health() });
  };
  return new Hono<Env>().get("/health", noQuery, live).get("/ready", noQuery, ready);
}
