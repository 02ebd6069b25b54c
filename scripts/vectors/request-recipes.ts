import { gzipSync } from "node:zlib";
import { type Header, type Maker, signWithJose } from "./forging.ts";
import { merchants, now, type RequestKey, shopKey } from "./keys.ts";

/** How to make the vector of a request. */
export interface RequestRecipe {
  readonly name: string;
  readonly method: string;
  readonly target: string;
  readonly body: Uint8Array;
  readonly madeBy: Maker;
  /** `undefined`: a request without X-Signature. */
  readonly signature: () => string | undefined | Promise<string>;
}

type Request = Pick<RequestRecipe, "method" | "target" | "body">;

const request = (method: string, target: string, body: string | Uint8Array = ""): Request => {
  return { method, target, body: Buffer.from(body) };
};

const [{ processingAccountIds }] = merchants;

/** The JSON of a payment. */
export const payment = JSON.stringify({
  processingAccountId: processingAccountIds[0],
  merchantReference: "元朗-1001 <a&b>",
  amount: { value: 200, currency: "hkd" },
  paymentMethod: {
    type: "alipay_hk",
    alipayHk: { returnUrl: "https://merchant.site/complete-payment", flowType: "qr_link" },
  },
});

export const create = request("POST", "/v1/payments?idempotencyKey=order%2F1001", payment);
export const read = request("GET", "/v1/payments?limit=5");
export const withBody = (body: string | Uint8Array): Request => ({ ...create, body: Buffer.from(body) });
export const withTarget = (target: string): Request => request("GET", target);
export const withMethod = (method: string, body: string | Uint8Array = ""): Request =>
  request(method, read.target, body);

/** A body with a text that has no ASCII form. */
export const accented = payment.replace("元朗", "Café");
export const compressed = gzipSync(payment);

export const exp = now + 60;

/** The right header, with changes. */
export function headerFor({ method, target }: Request, changes: Header = {}, kid = shopKey.kid): Header {
  return { alg: "ES256", kid, aud: `${method} ${target}`, exp, ...changes };
}

/** A recipe for a signature that jose makes. */
export function byJose(
  name: string,
  of: Request,
  { payload = of.body, header = {}, key = shopKey, kid = key.kid }: JoseOptions = {},
): RequestRecipe {
  const signature = () => signWithJose(headerFor(of, header, kid), payload, key.privateKey);
  return { name, ...of, madeBy: "jose", signature };
}

interface JoseOptions {
  /** What is signed, in place of the body. */
  readonly payload?: string | Uint8Array;
  readonly header?: Header;
  /** The key that signs. */
  readonly key?: RequestKey;
  /** The key that the header names. */
  readonly kid?: string;
}

/** A recipe for a signature that node:crypto makes. */
export function byHand(name: string, of: Request, signature: RequestRecipe["signature"]): RequestRecipe {
  return { name, ...of, madeBy: "node:crypto", signature };
}
