import { Hono } from "hono";
import type { Env } from "../env.ts";
import { respond } from "../respond.ts";

export interface Health {
  readonly status: "ok";
  readonly version: string;
  readonly store: string;
  readonly uptimeSeconds: number;
}

export function healthRoutes(health: () => Health): Hono<Env> {
  return new Hono<Env>().get("/health", (c) => respond(c, 200, health()));
}
