import { createHmac, sign, timingSafeEqual } from "node:crypto";

/** What the provider gives to a merchant. Yours stands in the variables `NOMUPAY_...`. */
export interface Credentials {
  readonly baseUrl: string;
  readonly processingAccountId: string;
  readonly kid: string;
  /** PKCS #8, PEM. */
  readonly privateKey: string;
  readonly hmacKey: string;
}

/** An amount as it goes over the wire: in dollars. */
export interface Amount {
  readonly value: number;
  readonly currency: "hkd";
}

/** A payment as its creation and its tracking answer it. */
export interface Payment {
  readonly id: string;
  readonly status: string;
  readonly trackingUrl: string;
  readonly reason?: { readonly code: string; readonly description: string };
  /** Where to send the payer; there only while the payment is pending. */
  readonly nextStep?: { readonly redirect: { readonly url: string } };
}

/** A refund as its creation and its tracking answer it. */
export type Refund = Pick<Payment, "id" | "status" | "trackingUrl">;

/** What a webhook says. */
export interface Notification {
  readonly id: string;
  readonly type: string;
  readonly payload: Payment & {
    readonly merchantReference: string;
    readonly amount: Amount;
    /** Of a refund: the payment that it belongs to. */
    readonly paymentId?: string;
  };
}

/** What a payment is created with. */
export interface PaymentOrder {
  readonly merchantReference: string;
  readonly amount: Amount;
  readonly returnUrl: string;
  readonly flowType: "qr_link" | "mobile_redirect";
  readonly idempotencyKey: string;
}

/** A request to the provider and what came back, for the merchant's own records. */
export interface Exchange {
  readonly method: string;
  readonly target: string;
  readonly signature: string;
  readonly body: string;
  /** Missing where the connection broke. */
  readonly answer?: {
    readonly status: number;
    readonly signature: string | null;
    readonly body: string;
    /** Whether the provider signed it. */
    readonly genuine: boolean;
    /** Why a request was refused: the sandbox says so, the provider does not. */
    readonly diagnosis: string | null;
  };
}

/** A refusal, in the provider's words; or no answer, or none of the provider's. */
export class ProviderError extends Error {
  override readonly name = "ProviderError";
  readonly code: string;
  /** Nobody knows whether the request was carried out. */
  readonly unsure: boolean;

  constructor(code: string, description: string, unsure = false) {
    super(description);
    this.code = code;
    this.unsure = unsure;
  }
}

/** How long a signature is good, in seconds. The provider allows five minutes. */
const lifetime = 180;

/** The provider's API as this shop needs it: signs what it sends and checks the signature of what comes. */
export class NomuPay {
  readonly #credentials: Credentials;
  readonly #now: () => number;
  readonly #keep: (exchange: Exchange) => void;

  /**
   * @param now milliseconds since 1970: `Date.now`.
   * @param keep is told of every request, to write it down.
   */
  constructor(credentials: Credentials, now: () => number, keep: (exchange: Exchange) => void = () => {}) {
    this.#credentials = credentials;
    this.#now = now;
    this.#keep = keep;
  }

  createPayment({ merchantReference, amount, returnUrl, flowType, idempotencyKey }: PaymentOrder): Promise<Payment> {
    return this.#call("POST", `/v1/payments?idempotencyKey=${idempotencyKey}`, {
      processingAccountId: this.#credentials.processingAccountId,
      merchantReference,
      amount,
      paymentMethod: { type: "alipay_hk", alipayHk: { returnUrl, flowType } },
    });
  }

  /** Reads what is true now. @param trackingUrl of a payment or a refund. */
  track<T extends Payment | Refund>({ trackingUrl }: T): Promise<T> {
    return this.#call("GET", trackingUrl);
  }

  /** @param amount without it, all that is left is refunded. */
  refund(payment: Payment, merchantReference: string, amount?: Amount): Promise<Refund> {
    const target = `/v1/payments/${payment.id}/refunds?idempotencyKey=${merchantReference}`;
    return this.#call("POST", target, { merchantReference, ...(amount === undefined ? {} : { amount }) });
  }

  /** Whether a webhook comes from the provider. @param url of this endpoint, exactly as the provider knows it. */
  isGenuine(signatures: string | null, body: Uint8Array, url: string): boolean {
    return this.#isSigned(signatures, body, url);
  }

  async #call<T>(method: string, target: string, content?: object): Promise<T> {
    const body = content === undefined ? "" : JSON.stringify(content);
    try {
      return await this.#send(method, target, body);
    } catch (error) {
      // The idempotency key makes it safe to ask again: what was done is not done twice.
      if (error instanceof ProviderError && error.unsure) return this.#send(method, target, body);
      throw error;
    }
  }

  async #send<T>(method: string, target: string, body: string): Promise<T> {
    const sent = { method, target, signature: this.#sign(method, target, body), body };
    const headers = { "X-Signature": sent.signature, "Content-Type": "application/json" };
    let answer: Response;
    let text: string;
    try {
      const init = { method, headers, ...(body === "" ? {} : { body }) };
      answer = await fetch(this.#credentials.baseUrl + target, init);
      text = await answer.text();
    } catch {
      this.#keep(sent);
      throw new ProviderError("no_answer", "The provider did not answer.", true);
    }
    const signature = answer.headers.get("X-Signature");
    const genuine = this.#isSigned(signature, Buffer.from(text));
    const diagnosis = answer.headers.get("X-Sandbox-Diagnosis");
    this.#keep({ ...sent, answer: { status: answer.status, signature, body: text, genuine, diagnosis } });
    if (!genuine) throw new ProviderError("not_genuine", "The answer is not signed by the provider.");
    if (answer.ok) return JSON.parse(text) as T;
    const { reason } = JSON.parse(text) as { reason: { code: string; description: string } };
    throw new ProviderError(reason.code, reason.description, answer.status >= 500);
  }

  /** A detached JWS over the exact body: ES256, r and s side by side. */
  #sign(method: string, target: string, body: string): string {
    const { kid, privateKey } = this.#credentials;
    const exp = Math.floor(this.#now() / 1000) + lifetime;
    const header = base64url(JSON.stringify({ alg: "ES256", kid, aud: `${method} ${target}`, exp }));
    const signed = Buffer.from(`${header}.${base64url(body)}`);
    const signature = sign("sha256", signed, { key: privateKey, dsaEncoding: "ieee-p1363" });
    return `${header}..${base64url(signature)}`;
  }

  /**
   * HS256 over the exact bytes that came. `aud` is the endpoint's URL on webhooks, and absent on answers. While keys
   * change there are several signatures, and one that is right is enough.
   */
  #isSigned(signatures: string | null, body: Uint8Array, aud?: string): boolean {
    return (signatures ?? "").split(/,\s*/).some((jws) => {
      const [header = "", , signature = ""] = jws.split(".");
      const expected = createHmac("sha256", this.#credentials.hmacKey)
        .update(`${header}.${base64url(body)}`)
        .digest();
      const given = Buffer.from(signature, "base64url");
      if (given.length !== expected.length || !timingSafeEqual(given, expected)) return false;
      const claims = JSON.parse(Buffer.from(header, "base64url").toString());
      return claims.alg === "HS256" && claims.exp > this.#now() / 1000 && claims.aud === aud;
    });
  }
}

function base64url(content: string | Uint8Array): string {
  return Buffer.from(content as Uint8Array).toString("base64url");
}
