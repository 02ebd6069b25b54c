import { z } from "zod";
import { type Credential, scopes } from "../../domain/merchant.ts";
import type { MerchantView } from "../../services/worlds/merchants.ts";
import { presentResult } from "../respond.ts";
import { lazySchema, type Resource } from "../route.ts";
import { duration, named, processingAccountId, worldInput } from "./fields.ts";
import { controlRoute } from "./route.ts";

export const credentials = lazySchema(() =>
  named(
    "Credentials",
    "Keys and ids of a merchant.",
    z.object({
      baseUrl: z.string().meta({ format: "uri" }),
      processingAccountId: z.string(),
      kid: z.string(),
      privateKey: z
        .string()
        .exactOptional()
        .meta({ description: "PEM, PKCS #8; absent for a key pair that the sandbox did not make." }),
      publicKey: z.string().meta({ description: "PEM, SPKI." }),
      hmacKid: z.string(),
      hmacKey: z.string().meta({ description: "The newest HMAC key." }),
      hmacKeys: z
        .array(z.object({ kid: z.string(), key: z.string() }))
        .meta({ description: "All active HMAC keys, oldest first. Each of them signs." }),
    }),
  ),
);
/** All keys after a rotation. */
const rotated = lazySchema(() =>
  named(
    "RotatedCredentials",
    "Keys and ids of a merchant after a rotation.",
    credentials().extend({
      worlds: z.number().exactOptional().meta({
        description: "The number of the merchant's worlds, if it has several: all of them sign with the key.",
      }),
    }),
  ),
);

export type PresentedCredentials = Resource<typeof credentials>;

const credential = lazySchema(() =>
  named(
    "Credential",
    "A registered public key.",
    z.object({ kid: z.string(), publicKey: z.string(), scopes: z.array(z.enum(scopes)) }),
  ),
);

/** The response of a route that removes something. */
export const nothing = lazySchema(() => named("Nothing", "An empty object.", z.object({})));

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
    hmacKeys: hmacKeys.map(({ kid, key }) => ({ kid, key })),
  };
}

const presentCredential = ({ kid, publicKey, scopes }: Credential): Resource<typeof credential> => ({
  kid,
  publicKey,
  scopes,
});

/** Maximum length of a list of scopes. */
const scopesMax = 10;

/** A public key of RFC 7517. */
const exampleJwk = {
  kty: "EC",
  crv: "P-256",
  x: "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",
  y: "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM",
};

const getCredentials = controlRoute({
  method: "GET",
  path: "/credentials",
  operationId: "getCredentials",
  tag: "Merchants",
  inWorld: true,
  summary: "Read the keys and ids of a merchant",
  query: worldInput,
  responses: { 200: { description: "The merchant of the world.", schema: credentials } },
  refusals: ["invalid_request", "not_found"],
  handler: async ({ query, base }, { merchants }) =>
    presentResult(await merchants.view(query.processingAccountId), (view) => presentCredentials(view, base)),
});

const registerKey = controlRoute({
  method: "POST",
  path: "/credentials",
  operationId: "registerKey",
  tag: "Merchants",
  inWorld: true,
  summary: "Register a public key of the merchant",
  body: {
    schema: () =>
      z.strictObject({
        processingAccountId: processingAccountId(),
        publicKey: z.union([z.string(), z.record(z.string(), z.unknown())], { error: "must be a PEM text or a JWK" }),
        kid: z.string().optional(),
        scopes: z.array(z.enum(scopes)).max(scopesMax, `must not have more than ${scopesMax} items`).optional(),
      }),
    example: { publicKey: exampleJwk },
  },
  responses: { 201: { description: "The registered key.", schema: credential } },
  refusals: ["invalid_request", "not_found", "action_not_allowed"],
  handler: async ({ body: { processingAccountId, ...registration } }, { merchants }) =>
    presentResult(await merchants.register(registration, processingAccountId), presentCredential),
});

const removeKey = controlRoute({
  method: "DELETE",
  path: "/credentials/{kid}",
  operationId: "removeKey",
  tag: "Merchants",
  inWorld: true,
  summary: "Remove a public key",
  responses: { 200: { description: "Signatures of the key are refused from now on.", schema: nothing } },
  refusals: ["invalid_request", "not_found"],
  handler: async ({ params }, { merchants }) => presentResult(await merchants.remove(params.kid), () => ({})),
});

const oneHourMs = 3_600_000;

const rotateHmacKey = controlRoute({
  method: "POST",
  path: "/keys/rotate",
  operationId: "rotateHmacKey",
  tag: "Merchants",
  inWorld: true,
  summary: "Add a new HMAC key",
  description:
    "The older keys sign too until the overlap ends. It is measured in world time, or in real time for a merchant " +
    "with several worlds, whose clocks may differ.",
  body: {
    schema: () =>
      z.strictObject({ processingAccountId: processingAccountId(), overlap: duration().default(oneHourMs) }),
    optional: true,
    example: { overlap: "PT1H" },
  },
  responses: { 200: { description: "All current keys.", schema: rotated } },
  refusals: ["invalid_request", "not_found", "action_not_allowed"],
  handler: async ({ body, base }, { merchants }) =>
    presentResult(await merchants.rotate(body.overlap, body.processingAccountId), ({ worlds, ...view }) => ({
      ...presentCredentials(view, base),
      ...(worlds > 1 ? { worlds } : {}),
    })),
});

const retireHmacKey = controlRoute({
  method: "POST",
  path: "/keys/retire",
  operationId: "retireHmacKey",
  tag: "Merchants",
  inWorld: true,
  summary: "Retire an HMAC key now",
  body: {
    schema: () => z.strictObject({ processingAccountId: processingAccountId(), hmacKid: z.string() }),
    example: { hmacKid: "27yiW9MgzBtwiodreuNOXk0rtIw" },
  },
  responses: { 200: { description: "All current keys.", schema: credentials } },
  refusals: ["invalid_request", "not_found", "action_not_allowed"],
  handler: async ({ body, base }, { merchants }) =>
    presentResult(await merchants.retire(body.hmacKid, body.processingAccountId), (view) =>
      presentCredentials(view, base),
    ),
});

export const merchantRoutes = [getCredentials, registerKey, removeKey, rotateHmacKey, retireHmacKey] as const;
