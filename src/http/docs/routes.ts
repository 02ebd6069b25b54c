import { type Context, Hono } from "hono";
import { type Addresses, type Env, requestOrigin } from "../env.ts";
import { respond } from "../respond.ts";
import { respondAsset } from "../ui/assets.ts";

/**
 * The OpenAPI document and the reference page of the provider's API. They need no token. Their code is loaded on the
 * first request, so that a sandbox starts without it.
 * @param version the version of the sandbox.
 */
export function docsRoutes(addresses: Addresses, version: string): Hono<Env> {
  const document = async (c: Context<Env>) => {
    const { openApiDocument } = await import("../api/openapi.ts");
    return openApiDocument(addresses.base(requestOrigin(c)), version);
  };
  return new Hono<Env>()
    .get("/openapi.json", async (c) => respond(c, 200, await document(c)))
    .get("/docs", async (c) => {
      const { referencePage } = await import("./page.ts");
      const { respondPage } = await import("../ui/layout.ts");
      return respondPage(c, referencePage(await document(c)));
    })
    .get("/assets/reference.css", async (c) => {
      const { stylesheet } = await import("./files.ts");
      return respondAsset(c, stylesheet);
    });
}

/** The OpenAPI document of the control surface, loaded on the first request. */
export async function loadControlDocument(base: string, version: string): Promise<object> {
  const { controlDocument } = await import("../control/openapi.ts");
  return controlDocument(base, version);
}
