import { type Context, Hono, type MiddlewareHandler } from "hono";
import type { Env } from "../env.ts";
import { readBody } from "../middleware/read-body.ts";
import { hasSession, mayControl, sameOrigin } from "../middleware/same-origin.ts";
import { respondAsset } from "../ui/assets.ts";
import {
  doctorPath,
  exportFormats,
  exportUrl,
  formPaths,
  pagePaths,
  signedCommandPath,
  timeZonePath,
  webhookCommandPath,
} from "./page-address.ts";
import type { InspectorParts } from "./page-data.ts";

/** The inspector. Its pages are loaded on the first request, for a faster start. */
export function inspectorRoutes(parts: InspectorParts): Hono<Env> {
  const { gate } = parts;
  const load = () => import("./inspector.ts");
  const signedIn: MiddlewareHandler<Env> = async (c, next) => {
    if (mayControl(c, gate) || (await hasSession(c, gate))) return next();
    const { askToSignIn } = await load();
    const { pathname, search } = new URL(c.req.url);
    return askToSignIn(c, c.req.method === "GET" ? pathname + search : "/");
  };
  const own = sameOrigin(gate, true);
  const body = readBody(parts.bodyMaxBytes);
  // A form contains a request of the maximum size, with up to three characters for each byte, and its headers.
  const pastedBody = readBody(4 * parts.bodyMaxBytes);
  const app = new Hono<Env>()
    .get("/assets/inspector.css", async (c) => respondAsset(c, (await load()).stylesheet))
    .get("/assets/inspector.js", async (c) => respondAsset(c, (await load()).script))
    .post("/inspector/sign-in", own, body, async (c) => {
      const { formOf, signIn } = await load();
      return signIn(c, gate, parts.addresses, formOf(c));
    })
    .post("/inspector/sign-out", own, body, async (c) => (await load()).signOut(c, gate));
  app.post(timeZonePath, own, signedIn, body, async (c) => (await load()).selectTimeZone(c, parts));
  for (const path of pagePaths) app.get(path, own, signedIn, async (c) => (await load()).showPage(c, parts));
  app.post(doctorPath, own, signedIn, pastedBody, async (c) => (await load()).examinePasted(c, parts));
  app.get(signedCommandPath, own, signedIn, async (c) => (await load()).showCommand(c, parts));
  app.get(webhookCommandPath, own, signedIn, async (c) => (await load()).showWebhook(c, parts));
  for (const format of exportFormats) {
    app.get(exportUrl(":id", format), own, signedIn, async (c: Context<Env>) =>
      (await load()).showExport(c, parts, format),
    );
  }
  for (const path of formPaths) {
    app.post(path, own, signedIn, body, async (c: Context<Env>) => (await load()).submitForm(c, parts, path));
  }
  return app;
}
