import type { MerchantResponse } from "./http.ts";
import type { PreflightFinding } from "./result.ts";
import type { Stage } from "./stage.ts";
import { Verdict } from "./verdict.ts";

/**
 * An ordinary purchase before all cases. What fails here would fail everywhere, so it is one finding and the cases are
 * blocked.
 */
export async function preflight(stage: Stage): Promise<PreflightFinding[]> {
  const attempt = await stage.tryCheckout();
  const { creates, answers } = attempt;
  const last = answers.at(-1);
  const seen = `Its last response was ${last?.error ?? last?.status} ${last?.body.slice(0, 200) ?? ""}`;
  const create = creates.at(-1);
  if (create === undefined) {
    const advice = "Check checkout.steps, and that the server uses NOMUPAY_BASE_URL for its requests.";
    return [{ id: "no_create", sentence: `The checkout sends no request to create a payment. ${seen}`, advice }];
  }
  if (create.headers["x-signature"] === undefined) {
    const advice = "Sign each request with ES256, and send the detached JWS as X-Signature: docs/languages.";
    return [{ id: "unsigned", sentence: "The request to create a payment has no X-Signature.", advice }];
  }
  if (create.answer === undefined || create.answer.status >= 300) {
    const { answer } = create;
    const diagnosis = answer?.headers.find(([name]) => /^x-sandbox-diagnosis$/i.test(name))?.[1] ?? "";
    const refusal = `${answer?.status} ${answer?.body.slice(0, 300)} ${diagnosis}`;
    const sentence = `The sandbox refuses the payment with ${refusal}`;
    return [{ id: "refused_create", sentence: sentence.trim(), advice: "Send what the refusal names." }];
  }
  try {
    const purchase = stage.purchaseFrom(attempt);
    await stage.pay(purchase);
    const answer = await stage.deliver(await stage.notification({ purchase, type: "payment" }));
    return doorFindings(answer);
  } catch (error) {
    if (!(error instanceof Verdict)) throw error;
    return [{ id: "no_purchase", sentence: error.message, advice: "Run the checkout by hand against the sandbox." }];
  }
}

/** What is wrong with the answer of the endpoint to a genuine notification. */
function doorFindings({ status, error, header, body }: MerchantResponse): PreflightFinding[] {
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
  if (status >= 200 && status < 300 && /^\s*<(!doctype|html)/i.test(body)) {
    const advice = "Check that webhookUrl is the route for notifications, and not a page for browsers.";
    return found("door_html", `${gives} and an HTML page.`, advice);
  }
  if (status >= 400) return found("door_error", `${gives}.`, "Read the server's log: it refuses the message.");
  return [];
}
