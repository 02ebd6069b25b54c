import { defineCase, type RehearsalCase } from "../../case.ts";
import { htmlAnswer, lostAnswer, slowAnswer, tooManyRequests } from "../../faults.ts";
import { warn } from "../../verdict.ts";
import { judgeCreate } from "./judge-create.ts";

/** Members that the cases of a disturbed create share. */
export const shared = {
  group: "answers",
  needs: ["order"],
  rule:
    "The order has one payment that can be paid: a retry has the same idempotencyKey. If the checkout shows an " +
    "error, the customer can try again. After the customer has paid, the order is paid once.",
} as const;

const keepKey =
  "Store the idempotencyKey with the attempt before the request, and repeat the request with it until there is an " +
  "answer. ";

const lost = defineCase({
  ...shared,
  id: "answer_lost",
  title: "The answer to the create is lost",
  stake: "The provider has a payment that the shop does not know, and a retry makes a second one.",
  severity: "critical",
  does: "Performs the create, and closes the connection without an answer.",
  advice: `${keepKey}A new key makes a second payment: the customer can pay both, and you refund one.`,
  precedent:
    "Customers were charged two or three times, because each press of the button after a slow request sent a new " +
    "key. Keys made from the time or from the whole changing request had the same effect.",
  run: async (stage) => {
    await judgeCreate(stage, { fault: lostAnswer });
  },
});

const errorBefore = defineCase({
  ...shared,
  id: "answer_500_before",
  title: "Errors during the checkout",
  stake: "After a short outage of the provider the customer's order can never be paid.",
  severity: "serious",
  does:
    "Answers each create of the checkout with a signed 500 and performs nothing, until the checkout ends. Then the " +
    "customer tries again.",
  advice:
    "Keep the order and the attempt after an error, and let the customer press the button again. Otherwise each " +
    "short outage costs all purchases of that time.",
  precedent: "Checkouts that marked an order as failed at the first error refused the customer's second attempt.",
  run: async (stage) => {
    await judgeCreate(stage, { fault: stage.errorAnswer(500, false), times: Infinity });
  },
});

const errorAfter = defineCase({
  ...shared,
  id: "answer_500_after",
  title: "An error after the payment was made",
  stake: "The provider has a payment although it answered 500, and a retry makes a second one.",
  severity: "critical",
  does: "Performs the create, and answers with a signed 500.",
  advice: `${keepKey}After a 500 the payment may exist. A new key makes a second one: the customer can pay both.`,
  precedent: "Clients that took a 5xx for a refusal sent a new request, and charged the customer twice.",
  run: async (stage) => {
    await judgeCreate(stage, { fault: stage.errorAnswer(500, true) });
  },
});

/** Value of `Retry-After`: the smallest possible, because the case waits for it. */
const retryAfterSeconds = 1;
/** Difference of two clocks that the case permits, in milliseconds. */
const toleranceMs = 20;

const rateLimited = defineCase({
  ...shared,
  id: "answer_429",
  title: "Too many requests",
  stake: "A shop that ignores Retry-After keeps itself locked out, and its customers cannot pay.",
  severity: "serious",
  does:
    `Answers the create with a signed 429 and Retry-After: ${retryAfterSeconds}, and performs nothing. If the ` +
    "checkout shows an error, the customer tries again after that time.",
  rule: `${shared.rule} The server sends no create before the time of Retry-After is over.`,
  advice:
    "After a 429 wait as long as Retry-After says, or show an error and let the customer try again. Requests that " +
    "come too early make the lock longer, on the busiest day.",
  precedent: "Clients with a fixed short pause between retries kept their rate limit exhausted for hours.",
  run: async (stage) => {
    const keys = () => stage.world.credentials.hmacKeys;
    const fault = tooManyRequests(retryAfterSeconds, keys, () => stage.nowMs());
    const lockMs = retryAfterSeconds * 1000;
    const [refused] = await judgeCreate(stage, { fault, lockMs });
    if (refused === undefined) return;
    const later = stage.exchanges("create").filter(({ number }) => number > refused.number);
    const waitedMs = Math.min(...later.map(({ startTime }) => startTime - refused.startTime));
    if (waitedMs < lockMs - toleranceMs) {
      warn(
        `The next create comes ${waitedMs} ms after the 429, which asked for ${retryAfterSeconds} s.`,
        "retries_early",
      );
    }
  },
});

const slow = defineCase({
  ...shared,
  id: "answer_slow",
  title: "A slow answer to the create",
  stake: "The shop gives up while the provider still works, and makes a second payment.",
  severity: "serious",
  does: "Performs the create, and answers late (slowAnswerMs of the plan, by default 10 s).",
  advice: `${keepKey}After a timeout the payment may exist. A new key makes a second one: the customer can pay both.`,
  precedent: "Requests that timed out and were sent again under a new key are a common cause of double charges.",
  run: async (stage) => {
    await judgeCreate(stage, { fault: slowAnswer(stage.plan.slowAnswerMs) });
  },
});

const html = defineCase({
  ...shared,
  id: "answer_html",
  title: "An HTML page as answer to the create",
  stake: "A proxy answers with 200 and a page, and the payment that was made is lost.",
  severity: "serious",
  does: "Performs the create, and answers with status 200 and an HTML page without a signature.",
  advice:
    "Verify the signature of each answer before you parse it, and handle a wrong one as a lost answer: repeat the " +
    "request with the same key. Otherwise the customer sees a crash, or pays a second payment.",
  precedent: "Clients that parsed every 200 as JSON crashed at the maintenance page of a proxy.",
  run: async (stage) => {
    await judgeCreate(stage, { fault: htmlAnswer });
  },
});

/** Creates whose answers come in another way than they should. */
export const createCases: readonly RehearsalCase[] = [lost, errorBefore, errorAfter, rateLimited, slow, html];
