import type { Money } from "./money.ts";

/** An error in one member of a request. `path` is the path of the member on the wire, separated by dots. */
export interface FieldError {
  readonly path: string;
  readonly code: RefusalCode;
  readonly description: string;
}

/** The errors of a request that an answer lists. */
export interface FieldErrors {
  readonly errors: readonly FieldError[];
  /** Number of further errors, which are not listed. */
  readonly more?: number;
}

/**
 * Every refusal of the sandbox, in order of precedence: if several apply, the first one is used. Their wire form
 * (status, sentence, path) is in `http/api/refusals.ts`.
 */
export type Refusal =
  | { readonly code: "forbidden_origin"; readonly cause: "host" | "origin" | "webhook"; readonly value: string }
  | { readonly code: "admin_token_required" }
  | { readonly code: "payload_too_large"; readonly maxBytes: number }
  | { readonly code: "unauthorized" }
  | { readonly code: "insufficient_scope"; readonly scope: string }
  | { readonly code: "operation_not_supported"; readonly operation: string }
  | ({ readonly code: "invalid_request" } & FieldErrors)
  | ({ readonly code: "unsupported_payment_method" } & FieldErrors)
  | ({ readonly code: "unsupported_currency" } & FieldErrors)
  | ({ readonly code: "amount_below_minimum" } & FieldErrors)
  | { readonly code: "amount_above_maximum"; readonly maximum: Money }
  | { readonly code: "unknown_processing_account" }
  | { readonly code: "idempotency_key_conflict" }
  | {
      readonly code: "not_found";
      /** The id of a world that is not open. */
      readonly world?: string;
      /** What to change in a path that does not exist. */
      readonly advice?: string;
    }
  | { readonly code: "method_not_allowed"; readonly allow: readonly string[] }
  | { readonly code: "payment_not_refundable"; readonly status: string }
  | { readonly code: "refund_window_closed"; readonly closedTime: number }
  | { readonly code: "partial_refund_limit_reached" }
  | { readonly code: "refund_amount_exceeded"; readonly left: Money }
  | { readonly code: "action_not_allowed"; readonly action: string; readonly subject: string; readonly status: string }
  | { readonly code: "clock_busy" }
  | { readonly code: "advance_limit"; readonly now: number; readonly ran: number; readonly nextDue: number | undefined }
  | {
      readonly code: "not_reached";
      readonly present: object;
      readonly why: "time" | "unreachable" | "reset" | "closed";
    }
  | {
      readonly code: "not_matched";
      readonly count: number;
      readonly wanted: string;
      /** The requests with the fewest differences; without differences if too many requests match. */
      readonly nearest: readonly { readonly differences: readonly object[] }[];
    }
  | { readonly code: "rate_limited" }
  | { readonly code: "idempotency_unavailable" }
  | {
      readonly code: "internal_error";
      /** `heap`: the process has too little memory for new payments. */
      readonly cause?: "heap";
    };

/** Returns the refusal of a request with one invalid member. */
export function invalidMember(path: string, complaint: string): Refusal {
  return { code: "invalid_request", errors: [{ path, code: "invalid_request", description: `${path} ${complaint}.` }] };
}

/** Returns the refusal of a request for a world that is not open. */
export function unknownWorld(processingAccountId: string): Refusal {
  return { code: "not_found", world: processingAccountId };
}

export type RefusalCode = Refusal["code"];

/** The result of a decision: a value or a refusal. Exceptions signal defects only. */
export type Result<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly refusal: Refusal };

export function accept<T>(value: T): Result<T> {
  return { ok: true, value };
}

export function refuse(refusal: Refusal): { readonly ok: false; readonly refusal: Refusal } {
  return { ok: false, refusal };
}
