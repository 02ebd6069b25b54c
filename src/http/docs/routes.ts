import { type Context, Hono } from "hono";
import { type Addresses, type Env, requestOrigin } from "../env.ts";
import { respondPage } from "../pages/layout.ts";
import { respond } from "../respond.ts";
import { stylesheet } from "./stylesheet.ts";

/**
 * The OpenAPI document and its reference page. What writes them is loaded when somebody first asks: a sandbox starts
 * without it.
 * @param version the sandbox's own.
 */
export function docsRoutes(addresses: Addresses, version: string): Hono<Env> {
  const write = async (c: Context<Env>) => {
    const { openApiDocument } = await import("../api/openapi.ts");
    return openApiDocument(addresses.base(requestOrigin(c)), version);
  };
  return new Hono<Env>()
    .get("/openapi.json", async (c) => respond(c, 200, await write(c)))
    .get("/docs", async (c) => {
      const { referencePage } = await import("./page.ts");
      return respondPage(c, referencePage(await write(c)));
    })
    .get("/assets/reference.css", (c) => c.body(stylesheet, 200, { "Content-Type": "text/css; charset=utf-8" }));
}
