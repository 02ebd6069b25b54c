import { isTaken } from "../../courier.ts";
import type { OrderState } from "../../plan.ts";
import type { Purchase } from "../../purchase.ts";
import type { Stage } from "../../stage.ts";
import { fail, warn } from "../../verdict.ts";
import { paidOnce } from "../paid-once.ts";
import { capturedNotification } from "./forge.ts";

/**
 * Delivers a forged message about a payment, before the payment is paid. The order must not move. Then the payment is
 * paid and the genuine notification must be taken, which also proves that the forged one had no late effect.
 * @param what names the forgery in the verdict, such as "A notification without a signature".
 * @param forge returns the signatures for the body of a captured payment.
 */
export async function judgeForgery(
  stage: Stage,
  what: string,
  forge: (body: string, purchase: Purchase) => readonly string[],
): Promise<void> {
  const purchase = await stage.checkout();
  const forged = capturedNotification(stage, purchase);
  const signatures = forge(forged.body, purchase);
  stage.note(`forges a message. ${what}:`, signatures.join("\n"));
  const { status } = await stage.deliver(forged, { signatures });
  await requireUnmoved(stage, purchase, { what, cause: "takes_forged", states: ["unpaid"] });
  await stage.complete(purchase);
  const want = paidOnce(purchase);
  await stage.expect(purchase, want, "After a forged notification the genuine one does not count");
  if (isTaken({ status })) {
    warn(`${what} changes nothing, but the endpoint answers it with ${status}.`, "accepts_forged");
  }
}

/** A message that must not move an order. */
interface Harmless {
  /** The message, as the subject of a sentence. */
  readonly what: string;
  readonly cause: string;
  /** The states in which the order may be; by default all without money. */
  readonly states?: readonly OrderState[];
}

/** Fails the case if the order was paid or fulfilled, after all work that the merchant may have queued. */
export async function requireUnmoved(stage: Stage, purchase: Purchase, message: Harmless): Promise<void> {
  const { what, cause, states = ["unpaid", "failed", "attention"] } = message;
  await stage.drain();
  const { state, effects } = await stage.order(purchase);
  if (!states.includes(state)) fail(`${what} made the order ${state}.`, cause);
  if ((effects ?? 0) > 0) fail(`${what} made the merchant fulfil the order, which is ${state}.`, cause);
}

/** Members that the cases of forged messages share. */
export const shared = {
  group: "forged",
  severity: "critical",
  needs: ["order"],
  rule:
    "The order does not move, and the genuine notification that follows makes it paid. An answer 2xx to the forged " +
    "one is a warning.",
  advice:
    "Verify the signature before anything else, over the exact bytes, and accept only HS256 with your shared secret. " +
    "Otherwise anybody who knows the endpoint gets goods without paying.",
} as const;
