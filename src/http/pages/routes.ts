import { type Context, Hono } from "hono";
import type { Env } from "../env.ts";
import { respondAsset } from "../ui/assets.ts";
import type { PageParts } from "./payer.ts";

/**
 * The payer's pages. `/pay/{token}` is the URL in `nextStep`, `/wallet/{token}` the content of the QR code. One
 * dispatcher picks the page from the stored payment, so a reload, a second tab or the Back button always shows the
 * current status. The pages are loaded on the first request, for a faster start.
 */
export function pageRoutes(parts: PageParts): Hono<Env> {
  const load = () => import("./payer.ts");
  const app = new Hono<Env>()
    .get("/assets/sandbox.css", async (c) => respondAsset(c, (await load()).stylesheet))
    .get("/assets/live.js", async (c) => respondAsset(c, (await load()).script))
    .get("/assets/mark.svg", async (c) => respondAsset(c, (await load()).icon));
  app.get("/logos/:name", async (c) => (await load()).respondLogo(c, parts.worlds));
  for (const entrance of ["pay", "wallet"] as const) {
    app.get(`/${entrance}/:token`, async (c) => (await load()).showPage(c, parts, entrance, c.req.param("token")));
    // A reload of a form's response, or a change of its language.
    app.get(`/${entrance}/:token/actions`, (c) =>
      c.redirect(`/${entrance}/${c.req.param("token")}${new URL(c.req.url).search}`, 303),
    );
    app.post(`/${entrance}/:token/actions`, async (c) =>
      (await load()).submitForm(c, parts, entrance, c.req.param("token")),
    );
  }
  return app.get("/pay/:token/status", async (c) => (await load()).respondStatus(c, parts, c.req.param("token")));
}

/** Responds to a browser's request for a page that is not there. @param status 405 if another method has the path. */
export async function respondMissingPage(c: Context<Env>, withShop: boolean, status: 404 | 405): Promise<Response> {
  const { respondMissing } = await import("./payer.ts");
  return respondMissing(c, withShop, status);
}
