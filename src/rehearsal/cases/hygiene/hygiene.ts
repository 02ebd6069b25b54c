import { defineCase, type RehearsalCase } from "../../case.ts";
import { fail, notJudged, warn } from "../../verdict.ts";
import { judgeKeys, judgeNewAttempts, judgeRetries } from "./idempotency.ts";
import { judgeRate, judgeStop } from "./polling.ts";
import { judgeLifetimes, judgeSignatures } from "./signatures.ts";
import { type Traffic, type TrafficVerdict, trafficOf } from "./traffic.ts";

type Texts = Pick<RehearsalCase, "id" | "title" | "stake" | "does" | "rule" | "advice" | "precedent">;

/** A case that judges all requests of the run. */
function hygieneCase(
  texts: Texts,
  judge: (traffic: Traffic) => TrafficVerdict,
  complain: typeof fail | typeof warn,
): RehearsalCase {
  return defineCase({
    ...texts,
    group: "hygiene",
    severity: complain === fail ? "serious" : "minor",
    needs: [],
    phase: "last",
    run: async (stage) => {
      const { isSeen, complaint, evidence = [] } = judge(trafficOf(stage));
      for (const exchange of evidence) stage.addExchange(exchange);
      if (complaint !== undefined) complain(complaint);
      if (!isSeen) notJudged("does_not_apply", "The merchant sent no request that this case is about.");
    },
  });
}

export const hygieneCases: readonly RehearsalCase[] = [
  hygieneCase(
    {
      id: "requests_signed",
      title: "Every request is signed",
      stake: "A request that the shop rarely sends is refused in production, on the day when it is needed.",
      does: "Looks at all requests that the merchant sent during the rehearsal.",
      rule: "Each request has an X-Signature, and the sandbox refused none of them.",
      advice:
        "Send all requests through one function that signs: also reads, and also with a query. The audience is the " +
        "method, a space, and the path with its query. Otherwise a refund fails on the day when it is needed.",
      precedent: "Integrations signed the create with care, and had forgotten the refund or a path with a query.",
    },
    judgeSignatures,
    fail,
  ),
  hygieneCase(
    {
      id: "signature_lifetime",
      title: "The lifetime of signatures",
      stake: "A small difference between two clocks stops all payments.",
      does: "Compares exp of each signature with the time of its request.",
      rule: "exp is 30 to 270 seconds after the request. The provider accepts at most 300 seconds.",
      advice:
        "Set exp to about 120 seconds from now, and sign each retry again. With too few seconds a slow connection " +
        "fails; with nearly 300 a clock that is a little fast fails.",
      precedent:
        "Shops with a clock that drifted by a minute had all their requests refused, without a change of code.",
    },
    judgeLifetimes,
    warn,
  ),
  hygieneCase(
    {
      id: "idempotency_keys",
      title: "A key on each create and refund",
      stake: "A retry makes a second payment or a second refund.",
      does: "Looks for the idempotencyKey of each request that creates a payment or a refund.",
      rule: "Each of them has one.",
      advice:
        "Make a key for each attempt to pay and for each refund, store it before the request, and send it in the " +
        "query: POST /v1/payments?idempotencyKey=... Otherwise no retry is safe, and also proxies and libraries retry.",
      precedent: "Double payments after a timeout are among the most frequent reports in public trackers of shops.",
    },
    judgeKeys,
    fail,
  ),
  hygieneCase(
    {
      id: "same_key_on_retry",
      title: "The same key on a retry",
      stake: "The first request was performed, and its retry is a second payment or refund.",
      does: "Looks at creates and refunds that follow one whose answer was lost, or was a server error.",
      rule:
        "The next request for the same has the same idempotencyKey, unless the merchant has learnt what came of the " +
        "first.",
      advice:
        "Make the key before the first attempt, store it with the order, and send it until there is an answer. " +
        "Otherwise each retry can charge or refund the customer once more.",
      precedent: "Several client libraries made a new random key inside the loop that retries.",
    },
    judgeRetries,
    fail,
  ),
  hygieneCase(
    {
      id: "new_key_for_new_attempt",
      title: "A new key for a new attempt",
      stake: "The customer tries again after a decline, and gets the old page that cannot be paid.",
      does: "Looks at creates for an order whose earlier attempt had ended without money, as the merchant knew.",
      rule: "The new attempt has another idempotencyKey.",
      advice:
        "Add the number of the attempt to the key, and count it up when an attempt has ended. With the old key the " +
        "provider repeats its old answer, and the sale is lost.",
      precedent: "Shops that used the number of the order as the key could never be paid after the first decline.",
    },
    judgeNewAttempts,
    fail,
  ),
  hygieneCase(
    {
      id: "polling_backs_off",
      title: "Reads leave time between them",
      stake: "The provider limits the merchant's requests, and also refuses its payments.",
      does:
        "Counts how often the merchant read a payment within two seconds, on its own. Measures the time between its " +
        "reads of a payment that stays pending.",
      rule:
        "There are at most five reads of a payment per second. Each webhook, return or action allows three more. " +
        "If it reads a pending payment more than ten times on its own, it waits longer each time, or a second.",
      advice:
        "Wait longer before each read, for example 1, 2, 4 and 8 seconds, and rely on the webhook. Otherwise the API " +
        "answers 429 when many customers buy.",
      precedent: "Status loops without a pause have blocked whole accounts by the rate limit of their provider.",
    },
    judgeRate,
    warn,
  ),
  hygieneCase(
    {
      id: "polling_stops",
      title: "Reads stop at the final status",
      stake: "Old orders cause requests for ever, and each new order adds more of them.",
      does: "Counts the reads of a payment after the merchant knew its final status.",
      rule: "There are at most ten, and three more for each webhook, return or action.",
      advice:
        "Take a payment out of the list of open ones when it has a final status. Otherwise the load grows with each " +
        "order until the API answers 429.",
      precedent: "Jobs that tracked every order of the shop's history ran longer each night, until they overlapped.",
    },
    judgeStop,
    warn,
  ),
];
