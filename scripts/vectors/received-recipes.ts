import { forge, type Header, hmac, type Maker, signingInput, signWithJose } from "./forging.ts";
import { now, sharedSecret, sharedSecretKid } from "./keys.ts";

/** How to make the vector of a response or a webhook, and what the receiver verifies it with. */
export interface ReceivedRecipe {
  readonly name: string;
  /** The body, as the receiver verifies it. */
  readonly body: Uint8Array;
  /** URL that the receiver compares with `aud`; `undefined` for a response. */
  readonly url: string | undefined;
  /** The shared secret that the receiver uses. */
  readonly key: string;
  readonly madeBy: Maker;
  /** `undefined`: a message without X-Signature. */
  readonly signature: () => string | undefined | Promise<string>;
  /** For the mistake of a program that verifies: the right signature, in place of the one that the program expects. */
  readonly rightSignature?: () => string;
}

export const url = "http://127.0.0.1:3000/webhooks";
export const key = sharedSecret("shop");
const exp = now + 300;

/** A webhook's body. */
export const webhook = JSON.stringify({
  id: "37oBHhV3YuArIYeyWvTSg8iWzXu",
  type: "payment",
  live: false,
  createTime: "2026-01-05T09:00:00.000Z",
  payload: {
    id: "37oBHdXZl4Ow6dXXiSSq9VhPdhJ",
    merchantReference: "元朗 café <1001> ???",
    status: "captured",
    trackingUrl: "/v1/tracks/payments/cWq1yy3zc8gGf6nhmJzGZd2A",
    amount: { value: 200, currency: "hkd" },
    createTime: "2026-01-05T08:59:30.000Z",
    updateTime: "2026-01-05T09:00:00.000Z",
  },
});

/** The body of a response. */
export const response = JSON.stringify({
  id: "37oBHdXZl4Ow6dXXiSSq9VhPdhJ",
  merchantReference: "元朗 café <1001>",
  status: "pending",
  trackingUrl: "/v1/tracks/payments/cWq1yy3zc8gGf6nhmJzGZd2A",
});

/** What the receiver knows and verifies: by default what the provider sent. */
export type Received = Pick<ReceivedRecipe, "body" | "url" | "key">;

export const aWebhook: Received = { body: Buffer.from(webhook), url, key };
export const aResponse: Received = { body: Buffer.from(response), url: undefined, key };

/** The provider's header, with changes. */
export function headerOf({ url: aud }: Received, changes: Header = {}): Header {
  return { alg: "HS256", kid: sharedSecretKid, ...(aud === undefined ? {} : { aud }), exp, ...changes };
}

interface Options {
  readonly header?: Header;
  /** What the provider signed, if the receiver verifies another body. */
  readonly payload?: string | Uint8Array;
  /** The shared secret that signs. */
  readonly signer?: string;
  /** What the receiver has that differs. */
  readonly receiver?: { readonly body?: string | Uint8Array; readonly url?: string; readonly key?: string };
}

function receiverOf(of: Received, { receiver: { body = of.body, ...others } = {} }: Options): Received {
  return { ...of, ...others, body: Buffer.from(body) };
}

/** A recipe for a signature that jose makes. */
export function byJose(name: string, of: Received, options: Options = {}): ReceivedRecipe {
  const { header, payload = of.body, signer = of.key } = options;
  const signature = () => signWithJose(headerOf(of, header), payload, signer);
  return { name, ...receiverOf(of, options), madeBy: "jose", signature };
}

/** A recipe for a signature that node:crypto makes. */
export function byHand(name: string, of: Received, options: Options = {}): ReceivedRecipe {
  return { name, ...receiverOf(of, options), madeBy: "node:crypto", signature: () => signed(of, options) };
}

/** The signature of a message by node:crypto. */
export function signed(of: Received, { header, payload = of.body, signer = of.key }: Options = {}): string {
  return forge(headerOf(of, header), (encoded) => hmac(signingInput(encoded, payload), signer));
}

/** A recipe that changes the text of a right signature. */
export function changed(name: string, of: Received, change: (jws: string) => string | undefined): ReceivedRecipe {
  return { name, ...of, madeBy: "node:crypto", signature: () => change(signed(of)) };
}
