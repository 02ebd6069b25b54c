import type { BrowserAnswer } from "../../browser.ts";
import { defineCase } from "../../case.ts";
import type { Purchase } from "../../purchase.ts";
import type { Stage } from "../../stage.ts";
import { fail, notJudged, warn } from "../../verdict.ts";
import { paidOnce } from "../paid-once.ts";

const shared = { group: "return", needs: ["order"] } as const;

const complaint = ({ status, error }: BrowserAnswer) => (status === 0 ? (error ?? "no response") : `${status}`);

/** Delivers the notification after the return. The order must be paid once. */
async function notifyAfter(stage: Stage, purchase: Purchase, how: string): Promise<void> {
  await stage.deliverAll(purchase);
  const want = paidOnce(purchase);
  await stage.expect(purchase, want, `After ${how} and the notification the order is wrong`);
}

export const returnByPost = defineCase({
  ...shared,
  id: "return_by_post",
  title: "The return is a POST",
  stake: "A customer has paid, and sees an error page.",
  severity: "serious",
  does:
    "The payer pays, and the provider's page returns with a form. The browser sends it without the cookies that are " +
    "Lax, as browsers do. The notification follows.",
  rule: "The return is not answered with an error page, and the order becomes paid once.",
  advice:
    "Accept GET and POST at the return URL, without CSRF protection and without the session: the URL names the " +
    "order. Otherwise customers who paid see an error, call you, or pay again.",
  precedent:
    "When browsers made cookies Lax by default, shops in many frameworks lost the session at a return by POST. " +
    "Customers were sent to the sign-in page, or got the error of the CSRF protection.",
  run: async (stage) => {
    const purchase = await stage.checkout();
    await stage.pay(purchase, "pay-return-by-post");
    const way = await stage.wayBack(purchase);
    if (way?.method !== "POST") notJudged("not_seen", "The provider's page did not return by POST.");
    const answer = await stage.goBack(purchase);
    await notifyAfter(stage, purchase, "a return by POST");
    if (answer.status === 0 || answer.status >= 400) {
      fail(`The payer who paid and returns by POST gets ${complaint(answer)}.`, "error_at_return");
    }
  },
});

export const returnInAnotherBrowser = defineCase({
  ...shared,
  id: "return_in_another_browser",
  title: "The return comes in another browser",
  stake: "A customer pays in the app, which opens another browser; the order is lost with the session.",
  severity: "serious",
  does: "The payer pays, and returns in a browser without any cookie. The notification follows.",
  rule: "The return is a page, or asks to sign in, but is no server error. The order becomes paid once.",
  advice:
    "Find the order by the return URL, and show a page to a visitor without session, if only a request to sign in. " +
    "Otherwise customers of phones see an error after they paid.",
  precedent:
    "On phones the wallet opens the system's browser, while the customer shopped inside another app. Handlers that " +
    "read the cart from the session fail there with a null reference.",
  run: async (stage) => {
    const purchase = await stage.checkout();
    await stage.pay(purchase);
    const answer = await stage.goBack(purchase, { browser: stage.run.newBrowser() });
    await notifyAfter(stage, purchase, "a return in another browser");
    const sentence = `The payer who paid and returns in another browser gets ${complaint(answer)}.`;
    if (answer.status === 0 || answer.status >= 500) fail(sentence, "error_at_return");
    if (answer.status >= 400 && answer.status !== 401 && answer.status !== 403) warn(sentence, "error_at_return");
  },
});

export const returnBeforeWebhook = defineCase({
  ...shared,
  id: "return_before_webhook",
  title: "The return comes before the webhook",
  stake: "A customer has paid, and waits without end or reads that the payment failed.",
  severity: "serious",
  does: "The payer pays and returns. The notification is sent only after the answer to the return.",
  rule:
    "The return is answered within the limit and without an error, and the order is not failed. After the " +
    "notification it is paid once.",
  advice:
    "Answer the return at once: ask the provider for the state, or show that the payment is being checked. An order " +
    "without notification is open, not failed. Otherwise the customer pays again elsewhere.",
  precedent:
    "Shops that cancelled an order when its return came first lost payments: the notification then met a cancelled " +
    "order.",
  run: async (stage) => {
    const purchase = await stage.checkout();
    await stage.pay(purchase);
    const answer = await stage.goBack(purchase);
    const { state } = await stage.order(purchase);
    await notifyAfter(stage, purchase, "a return");
    if (answer.status === 0 || answer.status >= 400) {
      fail(`The payer who paid and returns before the notification gets ${complaint(answer)}.`, "error_at_return");
    }
    if (!["unpaid", "paid", "attention"].includes(state)) {
      fail(`At the return, before the notification, the order of a paid payment is ${state}.`);
    }
  },
});
