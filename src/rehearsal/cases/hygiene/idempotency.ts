import type { ApiExchange } from "../../exchange.ts";
import { jsonOf, memberAt } from "../../steps.ts";
import { isUnpaid, keyOf, knownEnds, madeId, nameOf, pathOf, type Traffic, type TrafficVerdict } from "./traffic.ts";

/** Whether each create and each refund has a key. */
export function judgeKeys({ exchanges }: Traffic): TrafficVerdict {
  const writes = exchanges.filter(({ operation }) => operation === "create" || operation === "refund");
  const without = writes.find((write) => keyOf(write) === "");
  if (without === undefined) return { isSeen: writes.length > 0 };
  return { isSeen: true, complaint: `${nameOf(without)} has no idempotencyKey.`, evidence: [without] };
}

/** Whether the merchant cannot know if a request was performed. */
function isUnclear({ received }: ApiExchange): boolean {
  if (received === undefined || received === "cut") return received === "cut";
  // [docs] Without its store of keys the provider asks for a request without a key.
  return received.status >= 500 && memberAt(jsonOf(received.body), "/reason/code") !== "idempotency_unavailable";
}

/** What a create or a refund asks for: another request for the same is a retry, or a new attempt. */
function purposeOf(exchange: ApiExchange): string | undefined {
  const body = jsonOf(exchange.body);
  const member = (pointer: string) => JSON.stringify(memberAt(body, pointer));
  if (exchange.operation === "create") return `create ${member("/merchantReference")} ${member("/amount")}`;
  if (exchange.operation === "refund") return `${pathOf(exchange)} ${member("/amount")}`;
  return undefined;
}

/** Whether a request whose answer was lost, or was a 5xx, is repeated with its key. */
export function judgeRetries(traffic: Traffic): TrafficVerdict {
  const ends = knownEnds(traffic);
  let isSeen = false;
  const last = new Map<string, ApiExchange>();
  for (const exchange of traffic.exchanges) {
    const purpose = purposeOf(exchange);
    if (purpose === undefined) continue;
    const before = last.get(purpose);
    last.set(purpose, exchange);
    if (before === undefined || !isUnclear(before) || keyOf(before) === "") continue;
    // The merchant knows what came of it: the next request is a new attempt.
    const end = ends.get(madeId(before));
    if (end !== undefined && end.time <= exchange.startTime) continue;
    if (looksUp(traffic, before, exchange)) continue;
    isSeen = true;
    if (keyOf(exchange) === keyOf(before)) continue;
    const what = before.received === "cut" ? "was lost" : "was a server error";
    const complaint = `The answer to ${nameOf(before)} ${what}, and the next attempt has another idempotencyKey.`;
    return { isSeen, complaint, evidence: [before, exchange] };
  }
  return { isSeen };
}

/** Whether the merchant asks between two requests what came of the first one. */
function looksUp({ exchanges }: Traffic, before: ApiExchange, after: ApiExchange): boolean {
  return exchanges.some(
    (between) =>
      between.number > before.number &&
      between.number < after.number &&
      between.operation === "read" &&
      (pathOf(between).startsWith("/v1/requests/") || pathOf(between) === "/v1/payments"),
  );
}

/** Whether a new attempt after one that ended without money has a new key. */
export function judgeNewAttempts(traffic: Traffic): TrafficVerdict {
  const ends = knownEnds(traffic);
  let isSeen = false;
  const ended: { readonly create: ApiExchange; readonly reference: string }[] = [];
  for (const create of traffic.exchanges.filter(({ operation }) => operation === "create")) {
    const reference = String(memberAt(jsonOf(create.body), "/merchantReference"));
    const over = ended.filter((one) => {
      const end = one.reference === reference ? ends.get(madeId(one.create)) : undefined;
      return end !== undefined && isUnpaid(end) && end.time < create.startTime;
    });
    isSeen ||= over.length > 0;
    const same = over.find((one) => keyOf(one.create) !== "" && keyOf(one.create) === keyOf(create));
    if (same !== undefined) {
      const complaint = `A new attempt to pay ${reference} has the idempotencyKey of one that had ended.`;
      return { isSeen, complaint, evidence: [same.create, create] };
    }
    ended.push({ create, reference });
  }
  return { isSeen };
}
