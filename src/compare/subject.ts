import { signRequest, verifyResponse } from "../client/signing.ts";
import { isJsonObject } from "./members.ts";
import { NotReached, Stop, stopIfLive } from "./safety.ts";

/** What a payer, or somebody who can do it, does to a payment. */
export type PayerAction = "pay" | "cancel" | "decline" | "expire" | "fail";

/** A payment to act on. */
export interface PayablePayment {
  readonly id: string;
  /** The page for the payer. */
  readonly url: string;
}

/** Acts for the payer. */
export interface Payer {
  /** Rejects with `NotReached` for what it cannot do. */
  act(action: PayerAction, payment: PayablePayment): Promise<void>;
  /** Goes back from the page to the merchant, if no browser did. Rejects with `NotReached` if it cannot. */
  goBack?(payment: PayablePayment): Promise<void>;
  /** Lets the target's time pass. @returns whether it did: if not, real time has to pass. */
  wait(seconds: number): Promise<boolean>;
}

/** Keys of a merchant. */
export interface MerchantKeys {
  readonly kid: string;
  readonly privateKey: string;
  readonly hmacKey: string;
  readonly processingAccountId: string;
}

/** How a request is signed. */
export type Signing = "right" | "none" | "of_another_body" | "expired" | "unknown_key";

export interface ApiRequest {
  readonly method: "GET" | "POST";
  /** Path and query. */
  readonly target: string;
  readonly body?: object | string | undefined;
  readonly signing?: Signing;
}

/** An answer or a notification, as it was received. */
export interface Seen {
  /** Absent for a notification. */
  readonly status?: number;
  readonly body: unknown;
  /** Media type without parameters, in lower case; absent without `Content-Type`. */
  readonly mediaType: string | undefined;
  /** Whether the signature is right; absent where nobody can say whose key must sign. */
  readonly isSigned: boolean | undefined;
}

/** A notification that arrived, in order of arrival. */
export interface SeenNotification extends Seen {
  readonly type: unknown;
  readonly payload: Readonly<Record<string, unknown>>;
}

/** A browser that came back to the merchant. */
export interface SeenReturn {
  readonly method: "get" | "post";
  /** Parameters of the query and of the form. */
  readonly parameters: readonly (readonly [name: string, value: string])[];
}

/** A local page for browsers that come back. */
export interface ReturnPage {
  readonly url: string;
  readonly received: readonly SeenReturn[];
}

/** A local endpoint that the subject sends notifications to. */
export interface Inbox {
  readonly received: readonly SeenNotification[];
  /** Answers notifications of this payment with 500 from now on; `undefined` acknowledges all. */
  refuse(paymentId: string | undefined): void;
}

/** An implementation of the contract that is examined: the target, or the sandbox that it is compared with. */
export interface Subject {
  readonly processingAccountId: string;
  readonly returnUrl: string;
  send(request: ApiRequest): Promise<Seen & { readonly status: number }>;
  /** Lets time pass at the subject. @returns whether its clock was moved: if not, real time has passed. */
  wait(seconds: number): Promise<boolean>;
  readonly payer: Pick<Payer, "act" | "goBack"> | undefined;
  readonly inbox: Inbox | undefined;
  readonly returns: ReturnPage | undefined;
}

const signatures: Readonly<Record<Exclude<Signing, "none">, object>> = {
  right: {},
  of_another_body: { body: "another body" },
  expired: { expiresInSeconds: -60 },
  unknown_key: { kid: "2HdN2jq6XWmlkhqRC2gDTNYCvNH" },
};

type Fetch = (target: string, init: RequestInit) => Promise<Response>;

/** Signs requests, sends them, and verifies the answers. @param fetch rejects with `NotReached` without an answer. */
export function signedSender(fetch: Fetch, { kid, privateKey, hmacKey }: MerchantKeys): Subject["send"] {
  return async ({ method, target, body, signing = "right" }) => {
    const text = typeof body === "object" ? JSON.stringify(body) : body;
    const content = text === undefined ? {} : { body: text };
    const request = { method, target, kid, privateKey, ...content };
    const signature = signing === "none" ? undefined : signRequest({ ...request, ...signatures[signing] });
    const headers = {
      ...(text === undefined ? {} : { "Content-Type": "application/json" }),
      ...(signature === undefined ? {} : { "X-Signature": signature }),
    };
    const response = await fetch(target, { method, headers, ...content });
    const answer = await response.text();
    const isRight = verifyResponse({ signature: response.headers.get("x-signature"), body: answer, hmacKey });
    const json = jsonOf(answer);
    if (json === undefined) throw new NotReached(withoutJson(`${method} ${target}`, response, answer));
    stopIfLive(json, `the answer to ${method} ${target}`);
    const isSigned = signing === "none" || signing === "unknown_key" ? undefined : isRight;
    return { status: response.status, body: json, mediaType: mediaTypeOf(response), isSigned };
  };
}

/** The media type of an answer or a notification, without parameters. */
export function mediaTypeOf({ headers }: Pick<Request, "headers">): string | undefined {
  return headers.get("content-type")?.replace(/;.*/s, "").trim().toLowerCase();
}

function withoutJson(request: string, { status, headers }: Response, text: string): string {
  const isHtml = /^\s*<(!doctype|html)/i.test(text) || headers.get("content-type")?.startsWith("text/html");
  return `${request} is answered with ${status} and ${isHtml ? "an HTML page" : "a body that is no JSON object"}`;
}

function jsonOf(text: string): object | undefined {
  try {
    const json: unknown = JSON.parse(text);
    return isJsonObject(json) ? json : undefined;
  } catch {
    return undefined;
  }
}

/** A first question that costs nothing: is somebody there who knows the keys? Rejects with `Stop`. */
export async function requireAnswers(subject: Subject): Promise<void> {
  const request = { method: "GET", target: "/v1/payments?limit=1" } as const;
  const { status, isSigned } = await subject.send(request).catch((error: Error) => {
    throw error instanceof NotReached ? new Stop(error.message) : error;
  });
  if (status === 401 || status === 403) {
    throw new Stop(`the target refuses the keys: GET /v1/payments, rightly signed, is answered with ${status}`);
  }
  if (status >= 500) throw new Stop(`GET /v1/payments is answered with ${status}`);
  if (!isSigned) {
    throw new Stop("the answer to GET /v1/payments is not signed with NOMUPAY_HMAC_KEY, so it may come from anybody");
  }
}
