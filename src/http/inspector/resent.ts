import type { ResentDeliveries } from "../../services/scheduling/deliveries.ts";
import { counted } from "./format.ts";

/** Writes the result of "resend all" for a query: `5.4.0`. It has only numbers, so that a link can put no text here. */
export function writeResent(result: unknown): string {
  const { resent, delivered, skipped } = result as ResentDeliveries;
  return [resent, delivered, skipped].join(".");
}

/** The result in a query, as a sentence; `undefined` for anything else. */
export function resentInWords(text: string | undefined): string | undefined {
  const numbers = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/
    .exec(text ?? "")
    ?.slice(1)
    .map(Number);
  if (numbers === undefined) return undefined;
  const [resent = 0, delivered = 0, skipped = 0] = numbers;
  const others = delivered < resent ? `, ${resent - delivered} without a 2xx answer` : "";
  const what =
    resent === 0 ? "No webhook was resent." : `Resent ${counted(resent, "webhook")}: ${delivered} delivered${others}.`;
  const left =
    skipped === 0
      ? ""
      : ` ${counted(skipped, "webhook")} skipped: an attempt is due already, or no more attempts are possible.`;
  return what + left;
}
