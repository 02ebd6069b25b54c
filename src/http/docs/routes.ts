import { type Context, Hono } from "hono";
import type { oas31 } from "zod-openapi";
import type { ContractChanges } from "../../domain/contract-rules.ts";
import { type Addresses, type Env, requestOrigin } from "../env.ts";
import { respond } from "../respond.ts";
import { respondAsset } from "../ui/assets.ts";
import type { ReferenceName } from "./page.ts";

/**
 * The OpenAPI document of the provider's API, and the reference pages of both APIs. They need no token. Their code is
 * loaded on the first request, so that a sandbox starts without it.
 * @param version the version of the sandbox.
 * @param contract the contract profile of the sandbox.
 */
export function docsRoutes(addresses: Addresses, version: string, contract: ContractChanges | undefined): Hono<Env> {
  const document = async (c: Context<Env>) => {
    const { openApiDocument } = await import("../api/openapi.ts");
    return openApiDocument(addresses.base(requestOrigin(c)), version, contract);
  };
  const showReference = async (c: Context<Env>, name: ReferenceName, shown: oas31.OpenAPIObject) => {
    const { referencePage } = await import("./page.ts");
    const { respondPage } = await import("../ui/layout.ts");
    return respondPage(c, referencePage(name, shown));
  };
  return new Hono<Env>()
    .get("/openapi.json", async (c) => respond(c, 200, await document(c)))
    .get("/docs", async (c) => showReference(c, "api", await document(c)))
    .get("/docs/control", async (c) =>
      showReference(c, "control", await loadControlDocument(addresses.base(requestOrigin(c)), version)),
    )
    .get("/assets/reference.css", async (c) => {
      const { stylesheet } = await import("./files.ts");
      return respondAsset(c, stylesheet);
    })
    .get("/assets/reference.js", async (c) => {
      const { script } = await import("./files.ts");
      return respondAsset(c, script);
    });
}

/** The OpenAPI document of the control surface, loaded on the first request. */
export async function loadControlDocument(base: string, version: string): Promise<oas31.OpenAPIObject> {
  const { controlDocument } = await import("../control/openapi.ts");
  return controlDocument(base, version);
}
