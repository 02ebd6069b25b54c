import { html } from "hono/html";
import type { Html } from "./html.ts";
import type { Order } from "./orders.ts";
import type { Reader } from "./reader.ts";
import { type State, stateOf } from "./states.ts";

/** Style of each state. */
const styles: Readonly<Record<State, "wait" | "good" | "bad">> = {
  not_started: "wait",
  attention: "bad",
  waiting: "wait",
  paid: "good",
  declined: "bad",
  cancelled: "bad",
  expired: "bad",
  failed: "bad",
  refund_pending: "wait",
  partly_refunded: "good",
  refunded: "good",
};

/** The name of an order's state. */
export function badge({ texts }: Reader, order: Order): Html {
  const state = stateOf(order);
  const style = `badge ${styles[state]}`;
  return html`<span class="${style}" data-testid="state" data-state="${state}">${texts.states[state].name}</span>`;
}

/** The name of a payment's state. */
export function paymentBadge({ texts }: Reader, state: State): Html {
  return html`<span class="${`badge ${styles[state]}`}">${texts.states[state].name}</span>`;
}
