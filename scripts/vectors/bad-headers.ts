import { createHmac, generateKeyPairSync, sign } from "node:crypto";
import {
  base64Url,
  bytes,
  es256,
  forge,
  type Header,
  hmac,
  signingInput,
  signWithJose,
  withSignature,
} from "./forging.ts";
import {
  neighbourKey,
  now,
  secondShopKey,
  sharedSecret,
  sharedSecretKid,
  shopKey,
  strangerKey,
  worldTime,
} from "./keys.ts";
import {
  byHand,
  byJose,
  create,
  exp,
  headerFor,
  payment,
  type RequestRecipe,
  read,
  withTarget,
} from "./request-recipes.ts";

const right = (of = create) => signWithJose(headerFor(of), of.body, shopKey.privateKey);

/** Changes the whole text of a right signature. */
function changed(name: string, change: (jws: string) => string, of = create): RequestRecipe {
  return { name, ...of, madeBy: "jose", signature: async () => change(await right(of)) };
}

/** Changes the part after the dots. The change is repeated until it gives another text. */
function changedSignature(name: string, change: (signature: Buffer, text: string) => string): RequestRecipe {
  const signature = async () => {
    for (;;) {
      const jws = await right();
      const other = withSignature(jws, change);
      if (other !== jws) return other;
    }
  };
  return { name, ...create, madeBy: "jose", signature };
}

/** Signs any payload, and leaves it in the JWS. */
function attached(name: string, of: typeof create, payload: string | Uint8Array, header = headerFor(of)) {
  const signature = async () => {
    const jws = await signWithJose(header, payload, shopKey.privateKey);
    return jws.replace("..", `.${base64Url(payload)}.`);
  };
  return { name, ...of, madeBy: "jose", signature } as const;
}

const der = (input: string) => es256(input, shopKey.privateKey, "der");
const claims = { iat: now, exp, aud: headerFor(create).aud };
const onlyKid = { alg: "ES256", kid: shopKey.kid };
const json = JSON.stringify;

const wrongForms: readonly RequestRecipe[] = [
  byHand("no X-Signature", create, () => undefined),
  byHand("an empty X-Signature", create, () => ""),
  changed("the JSON form of a JWS", (jws) => json({ protected: jws.split(".")[0], signature: jws.split(".")[2] })),
  changed("the signature without the header", (jws) => jws.split(".")[2] ?? ""),
  changed("one dot in place of two", (jws) => jws.replace("..", ".")),
  changed("two signatures", (jws) => `${jws}, ${jws}`),
  changed("five parts, as of a JWE", (jws) => `${jws}.AAAA.AAAA`),
  changed("four parts", (jws) => `${jws}.AAAA`),
  attached("the body between the dots", create, create.body),
  attached("another payload between the dots", create, "something else"),
  attached("a payload between the dots, but no body", read, "{}"),
  attached("a complete JWT", create, json({ ...JSON.parse(payment), ...claims }), onlyKid),
  attached("a complete JWT, but no body", read, json({ iat: now, exp, aud: headerFor(read).aud }), onlyKid),
];

const wrongTexts: readonly RequestRecipe[] = [
  changed("a header that is hex", (jws) =>
    jws.replace(/^[^.]+/, (text) => Buffer.from(text, "base64url").toString("hex")),
  ),
  changed("an empty header", (jws) => jws.replace(/^[^.]+/, "")),
  changed("an empty signature", (jws) => jws.replace(/[^.]+$/, "")),
  changedSignature("a signature in hex", (signature) => signature.toString("hex")),
  byHand("a signature in hex of DER", create, () =>
    withSignature(
      forge(headerFor(create), (encoded) => der(signingInput(encoded, payment))),
      (signature) => signature.toString("hex"),
    ),
  ),
  changed("Bearer in front", (jws) => `Bearer ${jws}`),
  changedSignature("standard base64", (_, text) => text.replaceAll("-", "+").replaceAll("_", "/")),
  changedSignature("padding", (_, text) => `${text}==`),
  changedSignature("a character that is not base64url", (_, text) => text.replace(/^./, "~")),
  changedSignature("a signature that lost its last character", (_, text) => text.slice(0, -1)),
  byHand("a header that is no JSON", create, () => forge("ES256", (encoded) => es256(encoded, shopKey.privateKey))),
  byHand("a header with single quotes", create, () =>
    forge(`{'alg': 'ES256', 'kid': '${shopKey.kid}'}`, (encoded) => es256(encoded, shopKey.privateKey)),
  ),
  byHand("a header that is base64url twice", create, () =>
    forge(base64Url(json(headerFor(create))), (encoded) => es256(signingInput(encoded, payment), shopKey.privateKey)),
  ),
  byHand("a header that is a list", create, () => forge("[]", (encoded) => es256(encoded, shopKey.privateKey))),
];

/** A right ES256 signature under a header with changes. */
function withHeader(name: string, changes: Header, of: typeof create = create, key = shopKey): RequestRecipe {
  const make = (encoded: string) => es256(signingInput(encoded, of.body), key.privateKey);
  return byHand(name, of, () => forge(headerFor(of, changes), make));
}

/** An HMAC in place of ES256. */
function withHmac(name: string, alg: string, key: string, kid = shopKey.kid): RequestRecipe {
  return byHand(name, create, () =>
    forge(headerFor(create, { alg }, kid), (encoded) => hmac(signingInput(encoded, payment), key)),
  );
}

/** A signature with a new key of another kind. */
function ofOtherKind(
  name: string,
  alg: string,
  hash: string | null,
  key: () => { privateKey: unknown },
): RequestRecipe {
  const make = (encoded: string) =>
    sign(hash, Buffer.from(signingInput(encoded, payment)), {
      key: key().privateKey as never,
      dsaEncoding: "ieee-p1363",
    });
  return byHand(name, create, () => forge(headerFor(create, { alg }), make));
}

const rsa = () => generateKeyPairSync("rsa", { modulusLength: 2048 });
const p384 = () => generateKeyPairSync("ec", { namedCurve: "P-384" });

const wrongAlgorithms: readonly RequestRecipe[] = [
  withHeader("no alg", { alg: undefined }),
  withHeader("an alg that is a number", { alg: 256 }),
  withHeader("an alg in lower case", { alg: "es256" }),
  withHeader("alg none", { alg: "none" }),
  withHeader("an unknown alg", { alg: "XS256" }),
  withHmac("HS256 with the shared secret", "HS256", sharedSecret("shop")),
  withHmac("HS256 with the public key", "HS256", shopKey.publicKey),
  withHmac("HS256 with an unknown secret", "HS256", "an unknown secret"),
  withHmac("HS256 with an unknown secret under the alg ES256", "ES256", "an unknown secret"),
  withHmac("HS256 with the shared secret under the alg ES256", "ES256", sharedSecret("shop")),
  ofOtherKind("RS256", "RS256", "sha256", rsa),
  ofOtherKind("an RSA signature under the alg ES256", "ES256", "sha256", rsa),
  ofOtherKind("ES384", "ES384", "sha384", p384),
  ofOtherKind("a signature on P-384 under the alg ES256", "ES256", "sha384", p384),
  ofOtherKind("EdDSA", "EdDSA", null, () => generateKeyPairSync("ed25519")),
  byJose("an unencoded payload (b64 is false)", create, { header: { b64: false, crit: ["b64"] } }),
  byJose("an unencoded payload (b64 is false), but no body", read, { header: { b64: false, crit: ["b64"] } }),
  byJose("crit with another member", read, { header: { crit: ["x"], x: 1 } }),
];

const wrongKeys: readonly RequestRecipe[] = [
  byJose("no kid", create, { header: { kid: undefined } }),
  byJose("no kid, and an unknown key", create, { header: { kid: undefined }, key: strangerKey }),
  withHeader("a kid that is a number", { kid: 1 }, create, strangerKey),
  byJose("an unknown key", create, { key: strangerKey }),
  byJose("an unknown kid for a registered key", create, { kid: "37oBHShopKey900000000000000" }),
  byJose("the kid of a shared secret", create, { key: strangerKey, kid: sharedSecretKid }),
  byJose("a kid in upper case", create, { key: strangerKey, kid: shopKey.kid.toUpperCase() }),
  byJose("the kid of another key of the merchant", create, { key: secondShopKey, kid: shopKey.kid }),
  byJose("the kid of another merchant's key", create, { key: neighbourKey, kid: shopKey.kid }),
  byJose("the right kid, but an unknown key", create, { key: strangerKey, kid: shopKey.kid }),
  byJose("the right kid, but an unknown key and no body", read, { key: strangerKey, kid: shopKey.kid }),
];

const withAud = (name: string, aud: unknown, of: typeof create = read) => byJose(name, of, { header: { aud } });
const plain = withTarget("/v1/payments");

const wrongAudiences: readonly RequestRecipe[] = [
  withAud("no aud", undefined),
  withAud("an aud that is a list", [headerFor(read).aud]),
  withAud("an aud that is a number", 1),
  withAud("an aud without the method", "/v1/payments?limit=5"),
  withAud("an aud in lower case", "get /v1/payments?limit=5"),
  withAud("an aud with another method", "POST /v1/payments?limit=5"),
  withAud("an aud with a colon after the method", "GET: /v1/payments?limit=5"),
  withAud("an aud with scheme and host", "GET http://127.0.0.1:8852/v1/payments?limit=5"),
  withAud("an aud with white space around it", " GET /v1/payments?limit=5 "),
  withAud("an aud without the query", "GET /v1/payments"),
  withAud("an aud with a query, but the request has none", "GET /v1/payments?limit=5", plain),
  withAud("an aud with another query", "GET /v1/payments?limit=6"),
  withAud("an aud with other percent-encoding", "POST /v1/payments?idempotencyKey=order/1001", create),
  withAud("an aud with upper case in the path", "GET /v1/Payments?limit=5"),
  withAud("an aud with a slash at its end", "GET /v1/payments/", plain),
  withAud("an aud without a part of the path", "GET /payments", plain),
  withAud("an aud with another path", "GET /v1/transactions", plain),
  withAud("a request with a slash at its end", "GET /v1/payments", withTarget("/v1/payments/")),
  withAud("a request with two slashes at its end", "GET /v1/payments", withTarget("/v1/payments//")),
  withAud("a request with two slashes at its start", "GET /v1/payments", withTarget("/v1//payments")),
  withAud("a request with & in place of ?", "GET /v1/payments", withTarget("/v1/payments&limit=5")),
  withAud("a request in upper case", "GET /v1/payments", withTarget("/v1/PAYMENTS")),
  withAud("a request with /v1 twice", "GET /v1/payments", withTarget("/v1/v1/payments")),
  withAud("a request with a prefix", "GET /v1/payments", withTarget("/api/v1/payments")),
  withAud("a request without /v1", "GET /v1/payments", withTarget("/payments")),
];

const withExp = (name: string, value: unknown) => byJose(name, read, { header: { exp: value } });

const wrongExpiries: readonly RequestRecipe[] = [
  withExp("no exp", undefined),
  withHeader("an exp with quotation marks", { exp: String(exp) }, read),
  withHeader("an exp that is a word", { exp: "soon" }, read),
  withExp("an exp that is a duration", 60),
  withExp("an exp that is now", now),
  withExp("an exp in the past", now - 60),
  withExp("an exp in milliseconds", exp * 1000),
  withExp("an exp 301 s ahead", now + 301),
  withExp("an exp by the clock of a world", worldTime + 60),
];

const wrongEncodings: readonly RequestRecipe[] = [
  byHand("DER", create, () => forge(headerFor(create), (encoded) => der(signingInput(encoded, payment)))),
  byHand("DER over other bytes", create, () => forge(headerFor(create), (encoded) => der(encoded))),
  changedSignature("the base64url of hex", (signature) => base64Url(signature.toString("hex"))),
  byHand("the base64url of the base64 of DER", create, () =>
    forge(headerFor(create), (encoded) => der(signingInput(encoded, payment)).toString("base64")),
  ),
  changedSignature("a signature that lost 4 bytes", (signature) => base64Url(signature.subarray(0, 60))),
  byHand("random bytes of another length", create, () =>
    forge(headerFor(create), (encoded) => bytes(createHmac("sha512", "x").update(encoded).digest(), "x")),
  ),
];

export const badHeaders: readonly RequestRecipe[] = [
  ...wrongForms,
  ...wrongTexts,
  ...wrongAlgorithms,
  ...wrongKeys,
  ...wrongAudiences,
  ...wrongExpiries,
  ...wrongEncodings,
];
