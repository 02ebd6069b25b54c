import { type Context, Hono } from "hono";
import { type Addresses, type Env, requestOrigin } from "../env.ts";
import { noQuery } from "../middleware/one-way-in.ts";
import { respond } from "../respond.ts";
import { respondAsset } from "../ui/assets.ts";

/**
 * The OpenAPI documents of the provider's API, with its reference page, and of the control surface. What writes them is
 * loaded when somebody first asks: a sandbox starts without it. They need no token.
 * @param version the sandbox's own.
 */
export function docsRoutes(addresses: Addresses, version: string): Hono<Env> {
  const write = async (c: Context<Env>) => {
    const { openApiDocument } = await import("../api/openapi.ts");
    return openApiDocument(addresses.base(requestOrigin(c)), version);
  };
  return new Hono<Env>()
    .get("/openapi.json", async (c) => respond(c, 200, await write(c)))
    .get("/_sandbox/openapi.json", noQuery, async (c) => {
      const { controlDocument } = await import("../control/openapi.ts");
      return respond(c, 200, controlDocument(addresses.base(requestOrigin(c)), version));
    })
    .get("/docs", async (c) => {
      const { referencePage } = await import("./page.ts");
      const { respondPage } = await import("../ui/layout.ts");
      return respondPage(c, referencePage(await write(c)));
    })
    .get("/assets/reference.css", async (c) => {
      const { stylesheet } = await import("./files.ts");
      return respondAsset(c, stylesheet);
    });
}
