import { systemClock } from "../platform/clock.ts";
import { isTaken } from "./courier.ts";
import { isPerformed } from "./exchange.ts";
import type { MerchantResponse } from "./http.ts";
import type { CheckoutAttempt, Purchase } from "./purchase.ts";
import type { PreflightFinding } from "./result.ts";
import type { Run } from "./run.ts";
import type { Stage } from "./stage.ts";
import { Verdict } from "./verdict.ts";

/**
 * An ordinary purchase before all cases, which also shows how fast the merchant is. What fails here would fail
 * everywhere, so it is one finding and the cases are blocked. Throws `SetupError` if the order cannot be read, or says
 * a word that the plan does not map.
 */
export async function preflight(stage: Stage): Promise<PreflightFinding[]> {
  const attempt = await stage.tryCheckout();
  const refused = createFindings(attempt);
  if (refused.length > 0) return refused;
  try {
    const purchase = stage.purchaseFrom(attempt);
    if (stage.has("order")) await stage.order(purchase);
    await stage.pay(purchase);
    const notification = await stage.notification({ purchase, type: "payment" });
    // A merchant may still be storing the answer that named the payment.
    const delivery = stage.deliverPatiently(notification, {}, ({ status }) => status < 400);
    const answer = await measured(stage.run, delivery);
    if (stage.has("order")) await stage.order(purchase);
    const found = isPage(answer) && (await becomesPaid(stage, purchase)) ? [] : doorFindings(answer);
    if (found.length === 0) await measured(stage.run, stage.goBack(purchase));
    return found;
  } catch (error) {
    if (!(error instanceof Verdict)) throw error;
    return [
      {
        id: "no_purchase",
        sentence: error.message,
        advice: "Repeat the step by hand: rehearse --print-env prints the variables for your server.",
      },
    ];
  }
}

/** Waits for an answer of the merchant, and learns from it how long an answer takes. */
async function measured<T>(run: Run, answer: Promise<T>): Promise<T> {
  const startTime = systemClock.steady();
  const result = await answer;
  run.usualAnswerMs = Math.max(run.usualAnswerMs, systemClock.steady() - startTime);
  return result;
}

/** What is wrong with the request to create a payment. */
function createFindings({ answers, creates }: CheckoutAttempt): PreflightFinding[] {
  const create = creates.at(-1);
  if (create === undefined) {
    const last = answers.at(-1);
    const seen = `${last?.url} answered ${last?.error ?? last?.status} ${excerptOf(last?.body ?? "")}`.trim();
    const advice = "Check checkout.steps, and that the server uses NOMUPAY_BASE_URL for its requests.";
    return [{ id: "no_create", sentence: `The checkout sends no request to create a payment. ${seen}`, advice }];
  }
  if (create.headers["x-signature"] === undefined) {
    const advice = "Sign each request with ES256, and send the detached JWS as X-Signature: docs/languages.";
    return [{ id: "unsigned", sentence: "The request to create a payment has no X-Signature.", advice }];
  }
  if (isPerformed(create)) return [];
  const { answer } = create;
  const diagnosis = answer?.headers.find(([name]) => /^x-sandbox-diagnosis$/i.test(name))?.[1] ?? "";
  const refusal = `${answer?.status} ${excerptOf(answer?.body ?? "")} ${diagnosis}`.trim();
  const sentence = `The sandbox refuses the payment with ${refusal}`;
  return [
    {
      id: "refused_create",
      sentence,
      advice: "Change the request as the refusal says: the provider would refuse it too.",
    },
  ];
}

/** Whether the order is paid in the end, although the endpoint answered with a page. */
async function becomesPaid(stage: Stage, purchase: Purchase): Promise<boolean> {
  if (!stage.has("order")) return false;
  const paid = await stage.until(async () =>
    (await stage.run.readOrder(purchase))?.state === "paid" ? true : undefined,
  );
  return paid === true;
}

/** Whether an answer is a page for browsers. Some languages declare every text as HTML, so the body decides. */
function isPage({ status, body }: MerchantResponse): boolean {
  return isTaken({ status }) && /^\s*(<!--[^>]*-->\s*)?<(!doctype html|html)\b/i.test(body);
}

/** What is wrong with the answer of the endpoint to a genuine notification. */
function doorFindings(answer: MerchantResponse): PreflightFinding[] {
  const { status, error, header, body } = answer;
  const found = (id: string, sentence: string, advice: string) => [{ id, sentence, advice }];
  const gives = `The endpoint answers a genuine notification with ${error ?? status}`;
  if (status === 0) return found("door_closed", `${gives}.`, "Check webhookUrl, and that the server listens there.");
  if (status >= 300 && status < 400) {
    const advice = "Exempt the endpoint from redirects to another host, https or the sign-in page.";
    return found("door_redirects", `${gives}, to ${header("location")}: the provider does not follow it.`, advice);
  }
  if (status === 401 || status === 403) {
    const advice =
      "Exempt the endpoint from sign-in and CSRF protection: the signature protects it. If the server judged the " +
      "signature, run doctor-webhook with this message; webhookUrl must be exactly the URL that the server expects.";
    return found("door_forbidden", `${gives}.`, advice);
  }
  if (status === 404 || status === 405) {
    return found("door_missing", `${gives}.`, "Check the path of webhookUrl, and that the route accepts POST.");
  }
  if (isPage(answer)) {
    const advice = "Check that webhookUrl is the route for notifications, and not a page for browsers.";
    return found("door_html", `${gives} and an HTML page.`, advice);
  }
  if (status < 400) return [];
  return found("door_error", `${gives}. ${excerptOf(body)}`.trim(), "Read the server's log: it refuses the message.");
}

/** The beginning of a text, on one line. */
function excerptOf(text: string): string {
  return text.replace(/\s+/g, " ").slice(0, 300);
}
