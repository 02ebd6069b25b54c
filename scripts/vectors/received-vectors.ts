import { gzipSync } from "node:zlib";
import { ascii, base64Url, bytes, es256, forge, hmac, python, signingInput, withSignature } from "./forging.ts";
import { now, sharedSecret, sharedSecretKid, shopKey } from "./keys.ts";
import {
  aResponse,
  aWebhook,
  byHand,
  byJose,
  changed,
  headerOf,
  key,
  type Received,
  type ReceivedRecipe,
  response,
  signed,
  url,
  webhook,
} from "./received-recipes.ts";

const oldKey = "an older secret of the shop";

/** What is right or wrong in the same way with responses and webhooks. */
function common(of: Received): readonly ReceivedRecipe[] {
  return [
    byJose("a right signature", of),
    byHand("a right signature, by another library", of),
    changed("two signatures, as during the rotation of keys", of, (jws) =>
      [signed(of, { signer: oldKey, header: { kid: "37dGaoNAWjqw38MDKtLigq80000" } }), jws].join(", "),
    ),
    byJose("a header with typ", of, { header: { typ: "JWT" } }),
    changed("no X-Signature", of, () => undefined),
    changed("a part is missing", of, (jws) => jws.replace("..", ".")),
    changed("the body between the dots", of, (jws) => jws.replace("..", `.${base64Url(of.body)}.`)),
    changed("padding", of, (jws) => `${jws}=`),
    changed("a header that is no JSON", of, (jws) => jws.replace(/^[^.]+/, base64Url("HS256"))),
    changed("a signature that lost its last character", of, (jws) => jws.slice(0, -1)),
    changed("the signature of a request", of, () => es256Of(of)),
    byHand("alg none", of, { header: { alg: "none" } }),
    byHand("alg in lower case", of, { header: { alg: "hs256" } }),
    byJose("crit", of, { header: { crit: ["x"], x: 1 } }),
    byHand("no exp", of, { header: { exp: undefined } }),
    byHand("an exp that is a text", of, { header: { exp: String(now + 300) } }),
    byJose("an exp that is now", of, { header: { exp: now } }),
    byJose("an exp in the past, as of the scenario expired_signature", of, { header: { exp: now - 300 } }),
    changed("a wrong signature, as of the scenario bad_signature", of, (jws) =>
      withSignature(jws, (signature) => base64Url(signature.map((byte) => byte ^ 0xff))),
    ),
    byJose("an unknown secret", of, { signer: "an unknown secret" }),
    byJose("another body", of, { payload: "{}" }),
  ];
}

const es256Of = ({ body }: Received) =>
  forge({ alg: "ES256", kid: shopKey.kid, aud: "POST /v1/payments", exp: now + 60 }, (encoded) =>
    es256(signingInput(encoded, body), shopKey.privateKey),
  );

/** The secret that the receiver is configured with. */
const withKey = (name: string, own: string) => byJose(name, aResponse, { receiver: { key: own } });
const inHex = (text: string) => Buffer.from(text).toString("hex");

const wrongKeys: readonly ReceivedRecipe[] = [
  withKey("a receiver's key with white space around it", ` ${key}\n`),
  withKey("a receiver's key with quotation marks around it", `"${key}"`),
  withKey("a receiver's key with the name of its variable", `NOMUPAY_HMAC_KEY=${key}`),
  withKey("a receiver's key that is the base64 of the key", Buffer.from(key).toString("base64")),
  withKey("a receiver's key that is the hex of the key", inHex(key)),
  withKey("a receiver's key that is the hex of the decoded key", Buffer.from(key, "base64url").toString("hex")),
  withKey("a receiver's key in standard base64", Buffer.from(key, "base64url").toString("base64")),
  withKey("a receiver's key of another merchant", sharedSecret("neighbour")),
  withKey("a receiver's key that is unknown", "another secret"),
];

/** The provider signed a body, and the receiver verifies another one. */
const verified = (name: string, body: string | Uint8Array, sent = response) =>
  byHand(name, aResponse, { payload: sent, receiver: { body } });
const latin1 = response.replace("元朗 ", "");
const crLf = (text: string) => text.replaceAll("\n", "\r\n");
const lines = JSON.stringify(JSON.parse(response), null, 2);

const wrongBodies: readonly ReceivedRecipe[] = [
  verified("a byte order mark in front of the body", `\ufeff${response}`),
  verified("a newline behind the body", `${response}\n`),
  verified("white space around the body", ` ${response} `),
  verified("CR LF in place of LF in the body", crLf(lines), lines),
  verified("CR LF in place of LF in the body, and behind it", `${crLf(lines)}\r\n`, lines),
  verified("the headers in front of the body", `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n${response}`),
  verified("the body with spaces and line breaks", lines),
  verified("a backslash before each slash of the body", response.replaceAll("/", "\\/")),
  verified("the body as a JSON string", JSON.stringify(response)),
  verified("escapes in the body", ascii(response)),
  verified("a body, but an empty one was sent", "OK, thank you", ""),
  verified("the compressed body", gzipSync(response)),
  verified("compressed data", gzipSync("something else")),
  verified("the body in Latin-1", Buffer.from(latin1, "latin1"), latin1),
  verified("the body in UTF-16", Buffer.from(response, "utf16le")),
  verified("the body encoded twice", Buffer.from(Buffer.from(response).toString("latin1"))),
  verified("the base64 of the body", Buffer.from(response).toString("base64")),
];

const withUrl = (name: string, own: string, aud = url) =>
  byHand(name, { ...aWebhook, url: aud }, { receiver: { url: own } });

const wrongAudiences: readonly ReceivedRecipe[] = [
  byJose("a response in place of a webhook", aWebhook, { header: { aud: undefined } }),
  byJose("an aud that is a list", aWebhook, { header: { aud: [url] } }),
  withUrl("a receiver that expects method and path", "POST /webhooks"),
  withUrl("a receiver that expects a text that is no URL", "webhooks"),
  withUrl("a receiver that expects another scheme", "http://shop.example/webhooks", "https://shop.example/webhooks"),
  withUrl("a receiver that expects another name of the machine", "http://localhost:3000/webhooks"),
  withUrl("a receiver that expects another host", "http://shop.example:3000/webhooks"),
  withUrl("a receiver that expects another port", "http://127.0.0.1:3001/webhooks"),
  withUrl("a receiver that expects the default port", "http://127.0.0.1/webhooks"),
  withUrl("a receiver that expects a slash at the end", `${url}/`),
  withUrl("a receiver that expects no slash at the end", url, `${url}/`),
  withUrl(
    "a receiver that expects a part of the path",
    "http://127.0.0.1:3000/webhooks",
    "http://127.0.0.1:3000/shop/webhooks",
  ),
  withUrl("a receiver that expects upper case in the path", "http://127.0.0.1:3000/Webhooks"),
  withUrl("a receiver that expects another path", "http://127.0.0.1:3000/hooks"),
  withUrl("a receiver that expects no query", url, `${url}?shop=1`),
  withUrl("a receiver that expects a query", `${url}?shop=1`),
  withUrl("a receiver that expects another query", `${url}?shop=2`, `${url}?shop=1`),
  withUrl("a receiver that expects a fragment", `${url}#a`),
  withUrl("a receiver that expects white space", `${url} `),
  withUrl("a receiver that expects a slash behind the host", "http://127.0.0.1:3000/", "http://127.0.0.1:3000"),
  withUrl("a receiver that expects no slash behind the host", "http://127.0.0.1:3000", "http://127.0.0.1:3000/"),
  withUrl("a receiver that expects upper case in the host", "http://Shop.example/", "http://shop.example/"),
  withUrl("a receiver that expects an explicit port", "http://shop.example:80/", "http://shop.example/"),
];

interface Mistake {
  readonly key?: string | Uint8Array;
  readonly hash?: string;
  /** Makes the bytes that the program signs. */
  readonly input?: (encodedHeader: string) => string | Uint8Array;
}

const right = (encoded: string) => signingInput(encoded, webhook);

/** What a program with a mistake computes for a right webhook: it accepts this signature, and refuses the right one. */
function mistake(
  name: string,
  { key: own = key, hash, input = right }: Mistake,
  header = headerOf(aWebhook),
): ReceivedRecipe {
  const signature = () => forge(header, (encoded) => hmac(input(encoded), own, hash));
  const rightSignature = () => signed(aWebhook);
  return { name: `a program that ${name}`, ...aWebhook, madeBy: "node:crypto", signature, rightSignature };
}

const over = (payload: string | Uint8Array): Mistake => ({ input: (encoded) => signingInput(encoded, payload) });
const padded = Buffer.from(webhook).toString("base64");
const rawHeader = (encoded: string) => Buffer.from(encoded, "base64url");

const programMistakes: readonly ReceivedRecipe[] = [
  mistake("decodes the key from base64url", { key: Buffer.from(key, "base64url") }),
  mistake("decodes the key to a text", { key: Buffer.from(key, "base64url").toString("utf8") }),
  mistake("reads the key with a newline", { key: `${key}\n` }),
  mistake("reads the key with CR LF", { key: `${key}\r\n` }),
  mistake("reads the key with quotation marks", { key: `"${key}"` }),
  mistake("encodes the key as base64", { key: Buffer.from(key).toString("base64") }),
  mistake("encodes the key as hex", { key: inHex(key) }),
  mistake("takes the kid for the key", { key: sharedSecretKid }),
  mistake("has an empty key", { key: "" }),
  mistake("has an undefined key", { key: "undefined" }),
  mistake("hashes with SHA-512", { hash: "sha512" }),
  mistake("writes the JSON again", over(python(webhook))),
  mistake("does not encode the body", { input: (encoded) => `${encoded}.${webhook}` }),
  mistake("signs the body without the header", { input: () => webhook }),
  mistake("signs the encoded body without the header", { input: () => base64Url(webhook) }),
  mistake("has no body", { input: (encoded) => `${encoded}.` }),
  mistake("signs the header with two dots", { input: (encoded) => `${encoded}..` }),
  mistake("signs the header alone", { input: (encoded) => encoded }),
  mistake("has two dots before the body", { input: (encoded) => `${encoded}..${base64Url(webhook)}` }),
  mistake("encodes the body as base64", { input: (encoded) => `${encoded}.${padded}` }),
  mistake("leaves the padding of the body", {
    input: (encoded) => `${encoded}.${padded.replaceAll("+", "-").replaceAll("/", "_")}`,
  }),
  mistake("encodes neither header nor body", { input: (encoded) => bytes(rawHeader(encoded), ".", webhook) }),
  mistake("makes a header of its own", {
    input: () => signingInput(base64Url(JSON.stringify({ alg: "HS256", typ: "JWT" })), webhook),
  }),
  mistake("encodes the body twice", over(base64Url(webhook))),
  mistake("reads the body with a newline", over(`${webhook}\n`)),
  mistake("decodes the body as Latin-1", over(Buffer.from(webhook).toString("latin1"))),
  mistake("encodes the body as Latin-1", over(Buffer.from(webhook, "latin1"))),
  mistake("converts the parsed body to text", over("[object Object]")),
  mistake("takes the body as a JSON string", over(JSON.stringify(webhook))),
  mistake("makes two mistakes", { key: Buffer.from(key, "base64url"), ...over("{}") }),
];

export const responses: readonly ReceivedRecipe[] = [
  ...common(aResponse),
  byJose("a response without a body", { ...aResponse, body: Buffer.alloc(0) }),
  byJose("a webhook in place of a response", aResponse, { header: { aud: url } }),
  ...wrongKeys,
  ...wrongBodies,
];

export const webhooks: readonly ReceivedRecipe[] = [...common(aWebhook), ...wrongAudiences, ...programMistakes];
