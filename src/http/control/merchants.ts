import { type Context, Hono } from "hono";
import type { Credential } from "../../domain/merchant.ts";
import type { WorldSettings } from "../../domain/world.ts";
import type { Merchants, MerchantView } from "../../services/worlds/merchants.ts";
import { type Addresses, type Env, queryOf, requestOrigin } from "../env.ts";
import { noQuery } from "../middleware/one-way-in.ts";
import { respondRefusal, respondResult } from "../respond.ts";
import { parseControlBody, parseValue } from "../validate.ts";
import { credentialBody, openWorldBody, retireBody, rotateBody, worldOnly } from "./schemas.ts";

/** What a merchant's developer needs. */
export interface PresentedCredentials {
  readonly baseUrl: string;
  readonly processingAccountId: string;
  readonly kid: string;
  /** PKCS #8, PEM; absent where the sandbox did not make the pair. */
  readonly privateKey?: string;
  /** SPKI, PEM. */
  readonly publicKey: string;
  /** The newest HMAC key. */
  readonly hmacKid: string;
  readonly hmacKey: string;
  /** Every active one, oldest first. */
  readonly hmacKeys: readonly { readonly kid: string; readonly key: string }[];
}

export function presentCredentials(
  { processingAccountId, credential, hmacKeys }: MerchantView,
  baseUrl: string,
): PresentedCredentials {
  const newest = hmacKeys.at(-1);
  return {
    baseUrl,
    processingAccountId,
    kid: credential?.kid ?? "",
    ...(credential?.privateKey === undefined ? {} : { privateKey: credential.privateKey }),
    publicKey: credential?.publicKey ?? "",
    hmacKid: newest?.kid ?? "",
    hmacKey: newest?.key ?? "",
    hmacKeys,
  };
}

const presentCredential = ({ kid, publicKey, scopes }: Credential) => ({ kid, publicKey, scopes });

/** Merchants, their worlds and their keys. */
export function merchantRoutes(merchants: Merchants, settings: WorldSettings, addresses: Addresses): Hono<Env> {
  const present = (c: Context<Env>) => (view: MerchantView) =>
    presentCredentials(view, addresses.base(requestOrigin(c)));
  return new Hono<Env>()
    .get("/credentials", async (c) => {
      const query = parseValue(worldOnly, queryOf(c));
      if (!query.ok) return respondRefusal(c, query.refusal);
      return respondResult(c, await merchants.view(query.value.processingAccountId), 200, present(c));
    })
    .post("/credentials", async (c) => {
      const body = parseControlBody(credentialBody, c.get("body"));
      if (!body.ok) return respondRefusal(c, body.refusal);
      const { processingAccountId, ...registration } = body.value;
      return respondResult(c, await merchants.register(registration, processingAccountId), 201, presentCredential);
    })
    .delete("/credentials/:kid", noQuery, async (c) => {
      return respondResult(c, await merchants.remove(c.req.param("kid")), 200, () => ({}));
    })
    .post("/keys/rotate", async (c) => {
      const body = parseControlBody(rotateBody, c.get("body"), true);
      if (!body.ok) return respondRefusal(c, body.refusal);
      return respondResult(
        c,
        await merchants.rotate(body.value.overlap, body.value.processingAccountId),
        200,
        present(c),
      );
    })
    .post("/keys/retire", async (c) => {
      const body = parseControlBody(retireBody, c.get("body"));
      if (!body.ok) return respondRefusal(c, body.refusal);
      return respondResult(
        c,
        await merchants.retire(body.value.hmacKid, body.value.processingAccountId),
        200,
        present(c),
      );
    })
    .post("/worlds", async (c) => {
      const body = parseControlBody(openWorldBody, c.get("body"), true);
      if (!body.ok) return respondRefusal(c, body.refusal);
      const { settings: own, ...rest } = body.value;
      const opened = await merchants.open({ ...rest, settings: { ...settings, ...own } });
      return respondResult(c, opened, 201, present(c));
    });
}
