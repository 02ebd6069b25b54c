import { ProviderError } from "./nomupay.ts";
import type { Cause } from "./orders.ts";

/** The cause of a failure. Errors that are not the provider's are defects and are thrown again. */
export function causeOf(error: unknown): Cause {
  if (!(error instanceof ProviderError)) throw error;
  const { code, message } = error;
  const isOurs = code === "no_answer" || code === "not_genuine" || code === "other_payment";
  return isOurs ? { shop: code } : { provider: message };
}

/** Whether the provider certainly did not carry out a request. */
export function isRefusal(error: unknown): boolean {
  return error instanceof ProviderError && "provider" in causeOf(error) && !error.unsure;
}

/** Nothing, if the provider does not know what was asked for. Other errors are thrown again. */
export function absent(error: unknown): undefined {
  const isAbsent = error instanceof ProviderError && ["not_found", "other_payment"].includes(error.code);
  if (!isAbsent) throw error;
}
