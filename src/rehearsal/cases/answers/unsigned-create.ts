import { defineCase } from "../../case.ts";
import type { ApiExchange } from "../../exchange.ts";
import { changedAnswer, wrongSignature } from "../../faults.ts";
import type { CheckoutAttempt } from "../../purchase.ts";
import type { Stage } from "../../stage.ts";
import { jsonOf, memberAt } from "../../steps.ts";
import { fail } from "../../verdict.ts";
import { shared } from "./create.ts";
import { isGenuine, judgeCreate } from "./judge-create.ts";

const advice =
  "Verify X-Signature of each answer over its exact bytes before you use it. Handle a wrong one as a lost answer: " +
  "repeat the request with the same key. ";
/** Root cause of all cases in which an answer counts that nobody signed. */
export const cause = "trusts_unsigned_answers";

export const createWrongSignature = defineCase({
  ...shared,
  id: "answer_wrong_signature",
  title: "The answer to the create has a wrong signature",
  stake: "Whoever can change an answer decides where your customers pay.",
  severity: "serious",
  does: "Performs the create, and answers with the right body and a wrong signature.",
  rule: `${shared.rule} The browser is not sent to the address of the answer that has a wrong signature.`,
  advice: `${advice}Otherwise whoever can change an answer sends your customers where they like.`,
  precedent:
    "Clients verified webhooks, but not answers, because TLS seemed enough: proxies and caches change answers.",
  run: async (stage) => {
    await judgeCreate(stage, {
      fault: wrongSignature,
      examine: (attempt, applied) => requireNotUsed(stage, attempt, applied),
    });
  },
});

/** Fails if the browser was sent to the page of an answer with a wrong signature, and no right answer names it. */
function requireNotUsed(stage: Stage, attempt: CheckoutAttempt, applied: readonly ApiExchange[]): void {
  const pages = applied.map(({ answer }) => memberAt(jsonOf(answer?.body ?? ""), "/nextStep/redirect/url"));
  const isRight = stage.exchanges("create").some(isGenuine);
  const used = attempt.sentTo.find((url) => pages.includes(url));
  if (used !== undefined && !isRight)
    fail(`The payer is sent to ${used}, from an answer with a wrong signature.`, cause);
}

/** Host of the changed redirect. No such host exists. */
const foreignHost = "alipay-hk.invalid";

/** The answer with a redirect to another host. */
function redirectElsewhere(body: string): string {
  const url = memberAt(jsonOf(body), "/nextStep/redirect/url");
  if (typeof url !== "string") return body;
  const { pathname, search } = new URL(url);
  return body.replaceAll(JSON.stringify(url).slice(1, -1), `https://${foreignHost}${pathname}${search}`);
}

export const createRedirectChanged = defineCase({
  ...shared,
  id: "answer_redirect_changed",
  title: "The redirect was changed after it was signed",
  stake: "Your shop sends its customers to a page that takes their money.",
  severity: "critical",
  does: "Performs the create, and changes the host of nextStep.redirect.url. The signature remains the old one.",
  rule: `${shared.rule} No redirect, link, script or JSON of the shop has the changed address.`,
  advice: `${advice}Otherwise a changed answer sends your customers to a page of somebody else, in your name.`,
  precedent:
    "Attackers who changed one address between shop and provider collected payments for weeks, because each page " +
    "looked right.",
  run: async (stage) => {
    await judgeCreate(stage, {
      fault: changedAnswer("an answer with a changed redirect", redirectElsewhere),
      examine: ({ sentTo }) => {
        if (sentTo.some((url) => new URL(url).hostname === foreignHost)) {
          fail(`The shop sends the payer to ${foreignHost}, an address that the provider did not sign.`, cause);
        }
      },
    });
  },
});
