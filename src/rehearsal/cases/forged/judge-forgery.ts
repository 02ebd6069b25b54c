import { type DeliveryOptions, isTaken } from "../../courier.ts";
import type { OrderState } from "../../plan.ts";
import type { Purchase } from "../../purchase.ts";
import type { Stage } from "../../stage.ts";
import { fail, warn } from "../../verdict.ts";
import { paidOnce } from "../paid-once.ts";
import { capturedNotification } from "./forge.ts";

/** A forged message. */
export interface Forgery {
  /** The message, as the subject of a sentence, such as "A notification without a signature". */
  readonly what: string;
  /** @returns the signature for this body of a captured payment, or a message with another body. */
  readonly forge: (body: string, purchase: Purchase) => string | Pick<DeliveryOptions, "signatures" | "body">;
}

/**
 * Delivers forged messages, each about an order of its own, before its payment is paid. No order must move. Then the
 * payments are paid and the genuine notifications must be taken, which also proves that no forgery had a late effect.
 * Each forgery is a message of its own: a server that reads `X-Signature` as one value would refuse several together.
 */
export async function judgeForgeries(stage: Stage, forgeries: readonly Forgery[]): Promise<void> {
  const sent = [];
  for (const { what, forge } of forgeries) {
    const purchase = await stage.checkout();
    const notification = capturedNotification(stage, purchase);
    const forged = forge(notification.body, purchase);
    const options = typeof forged === "string" ? { signatures: [forged] } : forged;
    stage.note(`forges a message. ${what}:`, options.signatures?.join("\n"));
    const { status } = await stage.deliver(notification, options);
    sent.push({ what, purchase, status });
  }
  await stage.drain();
  for (const { what, purchase } of sent) {
    await requireStates(stage, purchase, { what, cause: "takes_forged", states: ["unpaid"] });
  }
  for (const { purchase } of sent) {
    await stage.complete(purchase);
    const want = paidOnce(purchase);
    await stage.expect(purchase, want, "After a forged notification the genuine one does not count");
  }
  const taken = sent.filter(isTaken);
  if (taken.length === 0) return;
  const sentences = taken.map(
    ({ what, status }) => `${what} changes nothing, but the endpoint answers it with ${status}.`,
  );
  warn(sentences.join(" "), "accepts_forged");
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
  await stage.drain();
  await requireStates(stage, purchase, message);
}

async function requireStates(stage: Stage, purchase: Purchase, message: Harmless): Promise<void> {
  const { what, cause, states = ["unpaid", "failed", "attention"] } = message;
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
