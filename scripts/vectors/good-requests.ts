import { es256, forge, type Header, signingInput } from "./forging.ts";
import { now, secondShopKey, shopKey } from "./keys.ts";
import {
  accented,
  byHand,
  byJose,
  create,
  headerFor,
  type RequestRecipe,
  read,
  withBody,
  withMethod,
} from "./request-recipes.ts";

/** A right signature by node:crypto. */
const right = (of: Pick<RequestRecipe, "method" | "target" | "body">, header: Header | string = headerFor(of)) =>
  forge(header, (encoded) => es256(signingInput(encoded, of.body), shopKey.privateKey));

const unusual = withBody(`{ "amount": { "value": 2e2 },\r\n  "note": "\\u5143\\/\u20ac" }\n`);

export const goodRequests: readonly RequestRecipe[] = [
  byJose("a request with a body", create),
  byHand("a request with a body, by another library", create, () => right(create)),
  byJose("a request without a body", read),
  byHand("a request without a body, by another library", read, () => right(read)),
  byHand("a POST without a body", withMethod("POST"), () => right(withMethod("POST"))),
  byJose("a body with accents", withBody(accented)),
  byHand("a body with unusual white space, escapes and numbers", unusual, () => right(unusual)),
  byJose("a body of bytes that are no text", withBody(Uint8Array.from([0, 255, 46, 10, 128]))),
  byJose("another key of the merchant", read, { key: secondShopKey }),
  byJose("a header with typ", create, { header: { typ: "JWT" } }),
  byHand("a header in another order, with white space and unknown members", read, () =>
    right(read, JSON.stringify({ x: [1], exp: now + 60, ...headerFor(read) }, null, 1)),
  ),
  byJose("an exp 300 s ahead, the latest", read, { header: { exp: now + 300 } }),
  byHand("an exp with a fraction", read, () => right(read, headerFor(read, { exp: now + 59.5 }))),
];
