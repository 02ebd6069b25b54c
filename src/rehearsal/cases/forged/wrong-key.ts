import { createPublicKey } from "node:crypto";
import { deriveHmacKey, deriveKeyPair } from "../../../security/keys.ts";
import { defineCase } from "../../case.ts";
import type { Stage } from "../../stage.ts";
import { type Claims, claimsOf, foreignId, signWithPrivateKey, signWithText } from "./forge.ts";
import { judgeForgeries, shared } from "./judge-forgery.ts";

/** A family of keys that are not the shared secret. */
interface WrongKey {
  readonly id: string;
  readonly title: string;
  readonly stake: string;
  /** The algorithm and the key, after "signed as". */
  readonly key: string;
  /** How its messages differ, if there are several. */
  readonly differences?: string;
  readonly precedent: string;
  readonly variants: (stage: Stage) => readonly Variant[];
}

/** One message. The name tells it from the others of its case; it is empty if there are none. */
type Variant = readonly [name: string, sign: (body: string) => string];

/** Signs with the bytes of a text. @param kid the key id in the header, which a merchant may look up. */
function withText(stage: Stage, key: string, kid: string | undefined): Variant[1] {
  return (body) => signWithText(claimsOf(stage, { kid }), body, key);
}

const wrongKeys: readonly WrongKey[] = [
  {
    id: "forged_hs256_foreign_key",
    title: "Forged: HS256 with a foreign key",
    stake: "An attacker marks an order as paid with a key of their own.",
    key: "HS256 with a random secret",
    precedent:
      "JWT libraries have a function that decodes next to the one that verifies, and endpoints in production called " +
      "the first one.",
    variants: (stage) => [
      ["", withText(stage, deriveHmacKey(foreignId(stage.random), "forger"), stage.world.credentials.hmacKid)],
    ],
  },
  {
    id: "forged_hs256_public_key",
    title: "Forged: HS256 with the public key",
    stake: "An attacker signs with a text that is public.",
    key: "HS256 with the PEM of the merchant's public key as the secret",
    precedent:
      "The confusion of algorithms: JWT libraries in several languages took the public key of an asymmetric " +
      "algorithm as an HMAC secret.",
    differences: "with and without its last line break; with the key id of that key, and of the shared secret",
    variants: (stage) => {
      const { publicKey, kid, hmacKid } = stage.world.credentials;
      return [
        ["the key id of the public key", withText(stage, publicKey, kid)],
        ["the key id of the shared secret", withText(stage, publicKey, hmacKid)],
        ["without the last line break, the key id of the public key", withText(stage, publicKey.trim(), kid)],
        ["without the last line break, the key id of the shared secret", withText(stage, publicKey.trim(), hmacKid)],
      ];
    },
  },
  {
    id: "forged_hs256_key_id",
    title: "Forged: HS256 with the key id",
    stake: "An attacker signs with a text that each genuine message contains.",
    key: "HS256 with the key id as the secret",
    precedent: "The id and the secret of a key look alike. Settings that swap them pass a test that has the same swap.",
    differences: "with the id of the merchant's key, and of the shared secret",
    variants: (stage) => {
      const { kid, hmacKid } = stage.world.credentials;
      return [
        ["the id of the merchant's key", withText(stage, kid, kid)],
        ["the id of the shared secret", withText(stage, hmacKid, hmacKid)],
      ];
    },
  },
  {
    id: "forged_hs256_empty_key",
    title: "Forged: HS256 with the empty text",
    stake: "An attacker signs with the secret that a lost setting leaves behind: none.",
    key: "HS256 with the empty text as the secret",
    differences: "with the id of each known key, with an unknown and with no key id",
    precedent:
      "Webhook receivers of several projects computed an HMAC with the empty text when the secret was not set, and " +
      "let everybody in who did the same.",
    variants: (stage) => {
      const { kid, hmacKid } = stage.world.credentials;
      return [
        ["the key id of the shared secret", withText(stage, "", hmacKid)],
        ["the key id of the merchant's key", withText(stage, "", kid)],
        ["an unknown key id", withText(stage, "", foreignId(stage.random))],
        ["no key id", withText(stage, "", undefined)],
      ];
    },
  },
  {
    id: "forged_es256_foreign_key",
    title: "Forged: ES256 with a foreign key",
    stake: "An attacker brings the key along with the message.",
    key: "ES256 with a new key",
    differences: "without and with that key as `jwk` in the header",
    precedent: "JWT libraries trusted a key that the header of the message itself contained.",
    variants: (stage) => {
      const { privateKey, publicKey } = deriveKeyPair(foreignId(stage.random), "forger");
      const jwk = createPublicKey(publicKey).export({ format: "jwk" });
      const withHeader = (header: Claims) => (body: string) =>
        signWithPrivateKey(claimsOf(stage, { alg: "ES256", ...header }), body, privateKey);
      return [
        ["without the key in the header", withHeader({})],
        ["with the key in the header", withHeader({ jwk })],
      ];
    },
  },
  {
    id: "forged_es256_own_key",
    title: "Forged: ES256 with the merchant's own key",
    stake: "A message that the merchant's own key signed counts as one of the provider.",
    key: "ES256 with the merchant's own private key",
    precedent:
      "The API signs in both directions, and verifiers that take the algorithm from the message accept the other one.",
    variants: (stage) => {
      const { privateKey, kid } = stage.world.credentials;
      return [["", (body) => signWithPrivateKey(claimsOf(stage, { alg: "ES256", kid }), body, privateKey)]];
    },
  },
];

/** Signatures with keys that are not the shared secret. */
export const wrongKeyCases = wrongKeys.map(({ key, differences, variants, ...texts }) =>
  defineCase({
    ...shared,
    ...texts,
    does:
      differences === undefined
        ? `Sends a notification that the payment is captured, signed as ${key}.`
        : `Sends notifications that payments are captured, signed as ${key}: ${differences}. Each is about another ` +
          "order.",
    run: (stage) =>
      judgeForgeries(
        stage,
        variants(stage).map(([name, forge]) => ({
          what: `A notification signed as ${key}${name === "" ? "" : ` (${name})`}`,
          forge,
        })),
      ),
  }),
);
