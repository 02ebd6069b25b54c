import { createHmac, sign, timingSafeEqual } from "node:crypto";

/** A merchant's credentials. Yours are in the variables `NOMUPAY_...`. */
export interface Credentials {
  readonly baseUrl: string;
  readonly processingAccountId: string;
  readonly kid: string;
  /** PKCS #8, PEM. */
  readonly privateKey: string;
  readonly hmacKey: string;
}

/** An amount on the wire, in the unit that the contract sets. */
export interface WireAmount {
  readonly value: number;
  readonly currency: string;
}

/** An amount of this shop. */
export interface Amount extends WireAmount {
  readonly currency: "hkd";
}

/** A payment, as the routes to create and to track it return it. */
export interface Payment {
  readonly id: string;
  readonly merchantReference: string;
  readonly status: string;
  readonly trackingUrl: string;
  readonly reason?: { readonly code: string; readonly description: string };
  /** Where to redirect the payer; present only while the payment is pending. */
  readonly nextStep?: { readonly redirect: { readonly url: string } };
}

/** A refund, as the routes to create and to track it return it. */
export type Refund = Pick<Payment, "id" | "merchantReference" | "status" | "trackingUrl">;

/** The body of a webhook. */
export interface Notification {
  readonly id: string;
  readonly type: string;
  readonly payload: Payment & {
    readonly amount: WireAmount;
    /** Present only where the provider names it. */
    readonly processingAccountId?: string;
    /** For a refund: its payment. */
    readonly paymentId?: string;
  };
}

/** Members of a new payment. */
export interface PaymentOrder {
  readonly merchantReference: string;
  readonly amount: Amount;
  readonly returnUrl: string;
  readonly flowType: "qr_link" | "mobile_redirect";
  readonly idempotencyKey: string;
}

/** A request to the provider and its response, for the merchant's records. */
export interface Exchange {
  readonly method: string;
  readonly target: string;
  readonly signature: string;
  readonly body: string;
  /** Missing if the connection failed. */
  readonly answer?: {
    readonly status: number;
    readonly signature: string | null;
    readonly body: string;
    /** Whether the provider signed it. */
    readonly genuine: boolean;
    /** Why a request was refused. Only the sandbox sends it. */
    readonly diagnosis: string | null;
  };
}

/** A refusal by the provider, a missing response, or a response that is not from the provider. */
export class ProviderError extends Error {
  override readonly name = "ProviderError";
  readonly code: string;
  /** Whether it is unknown if the provider carried out the request. */
  readonly unsure: boolean;

  constructor(code: string, description: string, unsure = false) {
    super(description);
    this.code = code;
    this.unsure = unsure;
  }
}

/** Sends a request: `fetch`, or one that trusts another certificate. */
export type Send = (url: string, init: RequestInit) => Promise<Response>;

/** Lifetime of a signature, in seconds. The provider allows five minutes. */
const lifetime = 180;

/** Client for the provider's API. It signs requests and verifies the signatures of responses and webhooks. */
export class NomuPay {
  readonly #credentials: Credentials;
  readonly #now: () => number;
  readonly #record: (exchange: Exchange) => void;
  readonly #fetch: Send;

  /**
   * @param now milliseconds since 1970: `Date.now`.
   * @param record receives every exchange.
   */
  constructor(
    credentials: Credentials,
    now: () => number,
    record: (exchange: Exchange) => void = () => {},
    send: Send = (url, init) => fetch(url, init),
  ) {
    this.#credentials = credentials;
    this.#now = now;
    this.#record = record;
    this.#fetch = send;
  }

  async createPayment(order: PaymentOrder): Promise<Payment> {
    const { merchantReference, amount, returnUrl, flowType, idempotencyKey } = order;
    const payment = await this.#call<Payment>("POST", `/v1/payments?idempotencyKey=${idempotencyKey}`, {
      processingAccountId: this.#credentials.processingAccountId,
      merchantReference,
      amount,
      paymentMethod: { type: "alipay_hk", alipayHk: { returnUrl, flowType } },
    });
    if (payment.merchantReference !== merchantReference) throw otherPayment();
    return payment;
  }

  /**
   * Reads the current state of a payment or a refund. The signature of a response does not name its request, so the
   * response must have the id.
   */
  async track<T extends Payment | Refund>({ id, trackingUrl }: T): Promise<T> {
    const current = await this.#call<T>("GET", trackingUrl);
    if (current.id !== id) throw otherPayment();
    return current;
  }

  /** @param amount the whole remaining amount if absent. */
  refund(payment: Payment, merchantReference: string, amount?: Amount): Promise<Refund> {
    const target = `/v1/payments/${payment.id}/refunds?idempotencyKey=${merchantReference}`;
    return this.#call("POST", target, { merchantReference, ...(amount === undefined ? {} : { amount }) });
  }

  /** Whether the provider signed a webhook. @param url of this endpoint, exactly as registered at the provider. */
  isGenuine(signatures: string | null, body: Uint8Array, url: string): boolean {
    return this.#isSigned(signatures, body, url);
  }

  async #call<T>(method: string, target: string, content?: object): Promise<T> {
    const body = content === undefined ? "" : JSON.stringify(content);
    try {
      return await this.#send(method, target, body);
    } catch (error) {
      // The idempotency key makes a retry safe: the provider does nothing twice.
      if (error instanceof ProviderError && error.unsure) return this.#sendAgain(method, target, body);
      throw error;
    }
  }

  /** After a request that may have been carried out, a refusal of its repetition does not prove that it was not. */
  #sendAgain<T>(method: string, target: string, body: string): Promise<T> {
    return this.#send<T>(method, target, body).catch((error: unknown) => {
      throw error instanceof ProviderError ? new ProviderError(error.code, error.message, true) : error;
    });
  }

  async #send<T>(method: string, target: string, body: string): Promise<T> {
    const sent = { method, target, signature: this.#sign(method, target, body), body };
    const headers = { "X-Signature": sent.signature, "Content-Type": "application/json" };
    let answer: Response;
    let text: string;
    try {
      // A redirect has no signature: following it would send the request to anybody.
      const init: RequestInit = { method, headers, redirect: "manual", ...(body === "" ? {} : { body }) };
      answer = await this.#fetch(this.#credentials.baseUrl + target, init);
      text = await answer.text();
    } catch {
      this.#record(sent);
      throw new ProviderError("no_answer", "The provider did not respond.", true);
    }
    const signature = answer.headers.get("X-Signature");
    const genuine = this.#isSigned(signature, Buffer.from(text));
    const diagnosis = answer.headers.get("X-Sandbox-Diagnosis");
    this.#record({ ...sent, answer: { status: answer.status, signature, body: text, genuine, diagnosis } });
    if (!genuine) throw new ProviderError("not_genuine", "The provider did not sign the response.");
    if (answer.ok) return JSON.parse(text) as T;
    const { reason } = JSON.parse(text) as { reason: { code: string; description: string } };
    throw new ProviderError(reason.code, reason.description, answer.status >= 500);
  }

  /** A detached JWS over the exact body: ES256, with r and s concatenated. */
  #sign(method: string, target: string, body: string): string {
    const { kid, privateKey } = this.#credentials;
    const exp = Math.floor(this.#now() / 1000) + lifetime;
    const header = base64url(JSON.stringify({ alg: "ES256", kid, aud: `${method} ${target}`, exp }));
    const signed = Buffer.from(`${header}.${base64url(body)}`);
    const signature = sign("sha256", signed, { key: privateKey, dsaEncoding: "ieee-p1363" });
    return `${header}..${base64url(signature)}`;
  }

  /**
   * HS256 over the exact bytes received. `aud` is the endpoint's URL on webhooks, and absent on responses. During a key
   * rotation there are several signatures, and one valid signature is enough.
   */
  #isSigned(signatures: string | null, body: Uint8Array, aud?: string): boolean {
    return (signatures ?? "").split(/,\s*/).some((jws) => {
      const [header = "", , signature = ""] = jws.split(".");
      const expected = createHmac("sha256", this.#credentials.hmacKey)
        .update(`${header}.${base64url(body)}`)
        .digest();
      const actual = Buffer.from(signature, "base64url");
      if (actual.length !== expected.length || !timingSafeEqual(actual, expected)) return false;
      const claims = JSON.parse(Buffer.from(header, "base64url").toString());
      // A member in `crit` must be understood, and this client understands none.
      if (claims.crit !== undefined) return false;
      return claims.alg === "HS256" && claims.exp > this.#now() / 1000 && claims.aud === aud;
    });
  }
}

function otherPayment(): ProviderError {
  return new ProviderError("other_payment", "The response is about another payment.");
}

function base64url(content: string | Uint8Array): string {
  return Buffer.from(content as Uint8Array).toString("base64url");
}
