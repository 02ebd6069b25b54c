import { createPublicKey } from "node:crypto";
import { deriveHmacKey, deriveKeyPair } from "../../../security/keys.ts";
import { defineCase } from "../../case.ts";
import type { Stage } from "../../stage.ts";
import { claimsOf, foreignId, signWithPrivateKey, signWithText } from "./forge.ts";
import { judgeForgery, shared } from "./judge-forgery.ts";

/** A family of keys that are not the shared secret. */
interface WrongKey {
  readonly id: string;
  readonly title: string;
  readonly stake: string;
  /** The algorithm and the key, after "signed as". */
  readonly key: string;
  /** Variations of the header, if there are several. */
  readonly header?: string;
  readonly precedent: string;
  readonly sign: (stage: Stage, body: string) => readonly string[];
}

/** Signs with each key, once for each key id that a merchant could look up. A merchant needs one right line. */
function withTexts(stage: Stage, body: string, keys: readonly string[], kids: readonly unknown[]): string[] {
  return keys.flatMap((key) => kids.map((kid) => signWithText(claimsOf(stage, { kid }), body, key)));
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
    sign: (stage, body) =>
      withTexts(stage, body, [deriveHmacKey(foreignId(stage.random), "forger")], [stage.world.credentials.hmacKid]),
  },
  {
    id: "forged_hs256_public_key",
    title: "Forged: HS256 with the public key",
    stake: "An attacker signs with a text that is public.",
    key: "HS256 with the PEM of the merchant's public key as the secret",
    precedent:
      "The confusion of algorithms: JWT libraries in several languages took the public key of an asymmetric " +
      "algorithm as an HMAC secret.",
    sign: (stage, body) => {
      const { publicKey, kid, hmacKid } = stage.world.credentials;
      return withTexts(stage, body, [publicKey, publicKey.trim()], [kid, hmacKid]);
    },
  },
  {
    id: "forged_hs256_key_id",
    title: "Forged: HS256 with the key id",
    stake: "An attacker signs with a text that each genuine message contains.",
    key: "HS256 with the key id as the secret",
    precedent: "The id and the secret of a key look alike. Settings that swap them pass a test that has the same swap.",
    sign: (stage, body) => {
      const { kid, hmacKid } = stage.world.credentials;
      return [kid, hmacKid].flatMap((one) => withTexts(stage, body, [one], [one]));
    },
  },
  {
    id: "forged_hs256_empty_key",
    title: "Forged: HS256 with the empty text",
    stake: "An attacker signs with the secret that a lost setting leaves behind: none.",
    key: "HS256 with the empty text as the secret",
    header: "with a known, an unknown and no key id",
    precedent:
      "Webhook receivers of several projects computed an HMAC with the empty text when the secret was not set, and " +
      "let everybody in who did the same.",
    sign: (stage, body) => {
      const { kid, hmacKid } = stage.world.credentials;
      return withTexts(stage, body, [""], [hmacKid, kid, foreignId(stage.random), undefined]);
    },
  },
  {
    id: "forged_es256_foreign_key",
    title: "Forged: ES256 with a foreign key",
    stake: "An attacker brings the key along with the message.",
    key: "ES256 with a new key",
    header: "without and with that key as `jwk`",
    precedent: "JWT libraries trusted a key that the header of the message itself contained.",
    sign: (stage, body) => {
      const { privateKey, publicKey } = deriveKeyPair(foreignId(stage.random), "forger");
      const jwk = createPublicKey(publicKey).export({ format: "jwk" });
      return [{}, { jwk }].map((more) =>
        signWithPrivateKey(claimsOf(stage, { alg: "ES256", ...more }), body, privateKey),
      );
    },
  },
  {
    id: "forged_es256_own_key",
    title: "Forged: ES256 with the merchant's own key",
    stake: "A message that the merchant's own key signed counts as one of the provider.",
    key: "ES256 with the merchant's own private key",
    precedent:
      "The API signs in both directions, and verifiers that take the algorithm from the message accept the other one.",
    sign: (stage, body) => {
      const { privateKey, kid } = stage.world.credentials;
      return [signWithPrivateKey(claimsOf(stage, { alg: "ES256", kid }), body, privateKey)];
    },
  },
];

/** Signatures with keys that are not the shared secret. */
export const wrongKeyCases = wrongKeys.map(({ key, header, sign, ...texts }) =>
  defineCase({
    ...shared,
    ...texts,
    does:
      `Sends a notification that the payment is captured, signed as ${key}` +
      `${header === undefined ? "" : `, ${header} in the header`}.`,
    run: (stage) => judgeForgery(stage, `A notification signed as ${key}`, (body) => sign(stage, body)),
  }),
);
