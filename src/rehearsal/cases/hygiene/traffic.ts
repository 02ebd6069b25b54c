import type { ApiExchange } from "../../exchange.ts";
import type { Prompt, ReportedEnd } from "../../prompts.ts";
import type { Stage } from "../../stage.ts";
import { jsonOf, memberAt } from "../../steps.ts";

/** All that was recorded of the merchant's requests, and what the rehearsal did meanwhile. */
export interface Traffic {
  readonly exchanges: readonly ApiExchange[];
  readonly prompts: readonly Prompt[];
  /** Final statuses that the merchant took from notifications. */
  readonly ends: readonly ReportedEnd[];
}

/** The judgement of a traffic: whether there was anything to judge, and what is wrong. */
export interface TrafficVerdict {
  readonly isSeen: boolean;
  /** The first fault; absent if there is none. */
  readonly complaint?: string;
  /** The requests of the fault. */
  readonly evidence?: readonly ApiExchange[];
}

/** The traffic of the whole run. */
export function trafficOf({ run }: Stage): Traffic {
  return { exchanges: run.parts.gateway.exchanges, prompts: run.prompts.all, ends: run.prompts.ends };
}

/** Path of a request, without its query. */
export const pathOf = ({ target }: ApiExchange): string => target.split("?")[0] ?? "";

/** Method and path, as complaints name a request. */
export const nameOf = (exchange: ApiExchange): string => `${exchange.method} ${pathOf(exchange)}`;

/** Idempotency key of a request; empty if it has none. */
export function keyOf({ target }: ApiExchange): string {
  return new URLSearchParams(target.split("?")[1] ?? "").get("idempotencyKey") ?? "";
}

/** Id of what a create or a refund made or repeated; empty if there is nothing. */
export function madeId({ answer }: ApiExchange): string {
  return String(memberAt(jsonOf(answer?.body ?? ""), "/id") ?? "");
}

const unpaidStatuses = ["declined", "aborted", "failed"];
const finalStatuses = [...unpaidStatuses, "captured", "partially_refunded", "refunded"];

/** The payments of a traffic that the merchant read, by the paths of their resource and their track. */
export function paymentsByPath({ exchanges }: Traffic): Map<string, string> {
  const ids = new Map<string, string>();
  for (const create of exchanges.filter(({ operation }) => operation === "create")) {
    const id = madeId(create);
    if (id === "") continue;
    ids.set(`/v1/payments/${id}`, id);
    ids.set(String(memberAt(jsonOf(create.answer?.body ?? ""), "/trackingUrl")), id);
  }
  return ids;
}

/** When the merchant first knew that a payment or refund has ended: by a notification that it took, or by a read. */
export function knownEnds(traffic: Traffic): Map<string, ReportedEnd> {
  const paths = paymentsByPath(traffic);
  const reads = traffic.exchanges.flatMap((exchange): ReportedEnd[] => {
    const { operation, received, startTime: time } = exchange;
    const id = paths.get(pathOf(exchange));
    if (operation !== "read" || id === undefined || received === undefined || received === "cut") return [];
    return [{ id, status: String(memberAt(jsonOf(received.body), "/status")), time }];
  });
  const ends = new Map<string, ReportedEnd>();
  for (const end of [...traffic.ends, ...reads].toSorted((a, b) => a.time - b.time)) {
    if (finalStatuses.includes(end.status) && !ends.has(end.id)) ends.set(end.id, end);
  }
  return ends;
}

/** Whether the payment ended without money. */
export const isUnpaid = ({ status }: ReportedEnd): boolean => unpaidStatuses.includes(status);
