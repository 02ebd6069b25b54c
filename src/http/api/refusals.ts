import type { ContentfulStatusCode } from "hono/utils/http-status";
import { contractOf } from "../../domain/contract.ts";
import { type ContractChanges, errorStatusCodes } from "../../domain/contract-rules.ts";
import { type Money, majorFromMoney } from "../../domain/money.ts";
import type { FieldError, FieldErrors, Refusal, RefusalCode } from "../../domain/refusal.ts";
import type { PaymentReason } from "../../domain/statuses.ts";
import { shortened } from "../shorten.ts";

type Spelling<C extends RefusalCode> = {
  readonly status: ContentfulStatusCode;
  /** The member of the request that caused it, if it is always the same. */
  readonly path?: string;
  readonly sentence: (refusal: Extract<Refusal, { code: C }>) => string;
};

/** Maximum length of a sentence or path. */
const textMaxLength = 1_300;

const isoTime = (time: number) => new Date(time).toISOString();
const hkd = (money: Money) => `HKD ${majorFromMoney(money).toFixed(2)}`;

/** The remedy where the foreign origin may be that of a proxy in front of the sandbox. */
const proxyRemedy = (origin: string) =>
  /^https?:/.test(origin)
    ? ` If a proxy in front of the sandbox has that address, start the sandbox with --public-url ${origin}.`
    : "";

const withErrors =
  (sentence: string) =>
  ({ more }: FieldErrors) =>
    more === undefined ? sentence : `${sentence} ${more} more ${more === 1 ? "error is" : "errors are"} not listed.`;

/** Status and sentence of each refusal. */
const spellings: { readonly [C in RefusalCode]: Spelling<C> } = {
  forbidden_origin: {
    status: 403,
    sentence: ({ cause, value }) =>
      ({
        host: `The Host ${value} is not allowed: start the sandbox with --allow-host to allow it.`,
        origin: `Pages of ${value} must not use this sandbox.${proxyRemedy(value)}`,
        webhook: "A webhook of a sandbox does nothing here: set webhookUrl to the endpoint of the merchant.",
      })[cause],
  },
  admin_token_required: { status: 401, sentence: () => "Send the admin token: Authorization: Bearer {token}." },
  payload_too_large: { status: 413, sentence: ({ maxBytes }) => `The body is larger than ${maxBytes} bytes.` },
  unauthorized: { status: 401, sentence: () => "The request's signature is missing or wrong." },
  insufficient_scope: { status: 403, sentence: ({ scope }) => `This key does not have the scope ${scope}.` },
  operation_not_supported: {
    status: 400,
    sentence: ({ operation }) => `Alipay HK (alipay_hk) does not support ${operation}.`,
  },
  invalid_request: { status: 400, sentence: withErrors("The request is not valid.") },
  unsupported_payment_method: { status: 400, sentence: withErrors("The payment method is not supported.") },
  unsupported_currency: { status: 400, sentence: withErrors("The currency is not supported.") },
  amount_below_minimum: { status: 400, sentence: withErrors("The amount is below the minimum.") },
  amount_above_maximum: {
    status: 400,
    path: "amount.value",
    sentence: ({ maximum }) => `The amount is above the maximum, ${hkd(maximum)}.`,
  },
  unknown_processing_account: {
    status: 400,
    path: "processingAccountId",
    sentence: () => "The processing account is unknown.",
  },
  idempotency_key_conflict: {
    status: 409,
    sentence: () => "The idempotency key was used for another request.",
  },
  not_found: {
    status: 404,
    sentence: ({ world, advice = "There is nothing here." }) =>
      world === undefined
        ? advice
        : `The world ${JSON.stringify(world.slice(0, 64))} does not exist. Open it with POST /_sandbox/worlds.`,
  },
  method_not_allowed: { status: 405, sentence: ({ allow }) => `Only ${allow.join(", ")} is possible here.` },
  payment_not_refundable: {
    status: 400,
    sentence: ({ status }) => `A payment that is ${status} cannot be refunded.`,
  },
  refund_window_closed: {
    status: 400,
    sentence: ({ closedTime }) => `The payment could be refunded until ${isoTime(closedTime)}.`,
  },
  partial_refund_limit_reached: {
    status: 400,
    sentence: () => "Only one partial refund is allowed, and this payment has had it.",
  },
  refund_amount_exceeded: {
    status: 400,
    sentence: ({ left }) => `The refund is more than what is left: ${hkd(left)}.`,
  },
  action_not_allowed: {
    status: 409,
    sentence: ({ action, subject, status }) => `The action ${action} is not possible for ${subject} that is ${status}.`,
  },
  clock_busy: { status: 409, sentence: () => "The clock of this world is being moved, or was reset meanwhile." },
  advance_limit: {
    status: 409,
    sentence: ({ ran }) => `The advance stopped at its limit after ${ran} tasks: call again to continue.`,
  },
  not_reached: {
    status: 409,
    sentence: ({ why }) =>
      ({
        time: "It did not happen within the timeout.",
        unreachable: "It can no longer happen.",
        reset: "The world was reset meanwhile.",
        closed: "The sandbox is being closed.",
      })[why],
  },
  not_matched: {
    status: 409,
    sentence: ({ count, wanted, nearest }) => {
      const matching = nearest[0]?.differences.length === 0 ? " The newest that match are in nearest." : "";
      return `${count} ${count === 1 ? "request matches" : "requests match"}; wanted: ${wanted}.${matching}`;
    },
  },
  rate_limited: { status: 429, sentence: () => "Too many requests: try again after one second." },
  idempotency_unavailable: {
    status: 500,
    sentence: () => "The idempotency system is not available: try again without idempotencyKey.",
  },
  internal_error: {
    status: 500,
    sentence: ({ cause }) =>
      cause === "heap"
        ? "The sandbox has too little memory for new payments: reset or remove a world, or start it with more memory."
        : "Something went wrong in the sandbox.",
  },
};

/** Every refusal, in order of precedence. */
export const refusalCodes = Object.keys(spellings) as readonly RefusalCode[];

/** The HTTP status of a refusal. */
export function statusOf(code: RefusalCode): ContentfulStatusCode {
  return spellings[code].status;
}

/** The HTTP status of a refusal under a profile. `errorStatus` is for a POST, its body and its query. */
export function statusUnder(contract: ContractChanges, code: RefusalCode, method: string | undefined): number {
  const { errorStatus, unsupportedStatus } = contractOf(contract);
  if (code === "operation_not_supported") return unsupportedStatus;
  const isOfPost = method !== "GET" && errorStatusCodes.some((ofPost) => ofPost === code);
  return isOfPost ? errorStatus : statusOf(code);
}

/** The body of every error. */
export interface ErrorResource {
  readonly reason: { readonly code: RefusalCode; readonly description: string };
  readonly errors?: readonly FieldError[];
}

/** Status and body of a refusal. Only refusals of members of a body or query have `errors`. */
export function presentRefusal(refusal: Refusal): {
  readonly status: ContentfulStatusCode;
  readonly body: ErrorResource;
} {
  const spelling = spellings[refusal.code];
  const description = quoted((spelling.sentence as (refusal: Refusal) => string)(refusal));
  const errors = fieldErrors(refusal, spelling.path, description);
  const reason = { code: refusal.code, description };
  return { status: spelling.status, body: { reason, ...(errors === undefined ? {} : { errors }), ...extra(refusal) } };
}

/** A text that may quote a long text of the client. */
const quoted = (text: string) => shortened(text, textMaxLength);

function fieldErrors(
  refusal: Refusal,
  path: string | undefined,
  description: string,
): readonly FieldError[] | undefined {
  if ("errors" in refusal)
    return refusal.errors.map((error) => ({
      ...error,
      path: quoted(error.path),
      description: quoted(error.description),
    }));
  return path === undefined ? undefined : [{ path, code: refusal.code, description }];
}

/** The additional members of a refusal's body. */
function extra(refusal: Refusal): object {
  if (refusal.code === "not_reached") return { present: refusal.present };
  if (refusal.code === "not_matched") return { count: refusal.count, nearest: refusal.nearest };
  if (refusal.code !== "advance_limit") return {};
  const { now, ran, nextDue } = refusal;
  return { now: isoTime(now), ran, ...(nextDue === undefined ? {} : { nextDue: isoTime(nextDue) }) };
}

/** The sentence of each payment reason. The first is the provider's. [seed] */
export const paymentReasons: Record<PaymentReason, string> = {
  required_next_step: "An additional step is needed to complete the payment.",
  insufficient_funds: "The wallet has too little money.",
  limit_exceeded: "The payment is above a limit of the wallet.",
  risk_rejected: "The wallet's risk control refused the payment.",
  payment_declined: "The wallet declined the payment.",
  cancelled_by_consumer: "The payer cancelled the payment.",
  expired: "The payer did not pay in time.",
  processing_error: "The payment could not be processed.",
};

/** The reason of a refund that is pending. [ours] */
export const refundProcessing = { code: "processing", description: "The refund is being processed." } as const;
