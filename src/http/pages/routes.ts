import { Hono } from "hono";
import type { Env } from "../env.ts";
import { respondAsset } from "../ui/assets.ts";
import type { PageParts } from "./payer.ts";

/**
 * The pages that payers see. `/pay/{token}` is the URL of `nextStep`, `/wallet/{token}` what the QR code says. One
 * dispatcher decides from the stored payment which page to show, so a reload, a second tab or the Back button show what
 * is true. What writes them is loaded when somebody first asks: a sandbox starts without it.
 */
export function pageRoutes(parts: PageParts): Hono<Env> {
  const load = () => import("./payer.ts");
  const app = new Hono<Env>()
    .get("/assets/sandbox.css", async (c) => respondAsset(c, (await load()).stylesheet))
    .get("/assets/live.js", async (c) => respondAsset(c, (await load()).script))
    .get("/assets/mark.svg", async (c) => respondAsset(c, (await load()).icon));
  for (const door of ["pay", "wallet"] as const) {
    app.get(`/${door}/:token`, async (c) => (await load()).show(c, parts, door, c.req.param("token")));
    app.post(`/${door}/:token/actions`, async (c) => (await load()).act(c, parts, door, c.req.param("token")));
  }
  return app.get("/pay/:token/status", async (c) => (await load()).tellStatus(c, parts, c.req.param("token")));
}
