import type { Browser, BrowserAnswer } from "./browser.ts";
import type { ApiExchange } from "./exchange.ts";
import { jsonOf, memberAt, unescapeHtml, type Values } from "./steps.ts";

/** A checkout of a customer, whatever came of it. */
export interface CheckoutAttempt {
  readonly browser: Browser;
  readonly answers: readonly BrowserAnswer[];
  /** The requests to create a payment that the merchant sent meanwhile. */
  readonly creates: readonly ApiExchange[];
  /** URLs of other sites that the browser was sent to, or that the last page names. */
  readonly sentTo: readonly string[];
  readonly values: Values;
}

/** An order with a payment, as the sandbox learnt it from the merchant's request. */
export interface Purchase {
  readonly browser: Browser;
  readonly reference: string;
  readonly paymentId: string;
  /** Idempotency key of the create; empty if it had none. */
  readonly key: string;
  /** In HKD. */
  readonly amount: number;
  readonly returnUrl: string;
  readonly flowType: string;
  /** The provider's page for the payer. */
  readonly pageUrl: string;
  readonly create: ApiExchange;
  readonly attempt: CheckoutAttempt;
  /** For the texts of the plan: reference, amount, paymentId and the captures. */
  readonly values: Values;
}

/**
 * The purchase of an attempt.
 * @param create a request that the sandbox performed.
 * @param numberPattern finds the order's number in the `returnUrl`.
 */
export function purchaseOf(attempt: CheckoutAttempt, create: ApiExchange, numberPattern?: string): Purchase {
  const request = jsonOf(create.body);
  const payment = jsonOf(create.answer?.body ?? "");
  const text = (json: unknown, pointer: string) => String(memberAt(json, pointer) ?? "");
  const reference = text(request, "/merchantReference");
  const paymentId = text(payment, "/id");
  const amount = Number(memberAt(request, "/amount/value"));
  const returnUrl = text(request, "/paymentMethod/alipayHk/returnUrl");
  const number = numberPattern === undefined ? undefined : new RegExp(numberPattern).exec(returnUrl)?.[1];
  return {
    browser: attempt.browser,
    reference,
    paymentId,
    key: new URL(create.target, "http://provider").searchParams.get("idempotencyKey") ?? "",
    amount,
    returnUrl,
    flowType: text(request, "/paymentMethod/alipayHk/flowType"),
    pageUrl: text(payment, "/nextStep/redirect/url"),
    create,
    attempt,
    values: {
      ...attempt.values,
      reference,
      paymentId,
      amount: String(amount),
      ...(number === undefined ? {} : { number }),
    },
  };
}

/** URLs of other sites that the answers send a browser to, or that the last answer names; in HTML, outside its text. */
export function urlsIn(answers: readonly BrowserAnswer[], ownOrigin: string): string[] {
  const page = unescapeHtml(withoutText(answers.at(-1)?.body ?? "")).replaceAll("\\/", "/");
  const named = [...page.matchAll(/https?:\/\/[^\s"'<>\\]+/g)].map(([url]) => url);
  const urls = [...answers.flatMap(({ redirects }) => redirects), ...named];
  return [...new Set(urls)].filter((url) => URL.canParse(url) && new URL(url).origin !== ownOrigin);
}

/** The tags and scripts of an HTML page: a URL in its text leads nowhere. Other content is unchanged. */
function withoutText(body: string): string {
  if (!/^\s*<(!doctype|html)/i.test(body)) return body;
  return [...body.matchAll(/<script\b[^>]*>[\s\S]*?<\/script>|<[^>]+>/gi)].join("\n");
}
