import { html } from "hono/html";
import type { Payment } from "../../domain/payment.ts";
import type { Html } from "../ui/layout.ts";
import type { Texts } from "./texts/shape.ts";

type StepName = "created" | "scan" | "confirm" | "back";
/** `stopped` is where a payment ended that was not paid. */
type StepState = "done" | "now" | "later" | "stopped";

/** Where the payer is on the way from the code back to the merchant. */
export function stepList({ steps }: Texts, payment: Payment): Html {
  const states = statesOf(payment);
  const hints: Partial<Record<StepName, string>> = { scan: steps.scanHint, confirm: steps.confirmHint };
  const names: readonly StepName[] = ["created", "scan", "confirm", "back"];
  return html`<ol class="steps" aria-label="${steps.name}">${names.map((name) => {
    const [state, hint] = [states[name], hints[name]];
    return html`<li data-step="${name}" data-state="${state}"${state === "now" ? html` aria-current="step"` : ""}>${steps[name]}${
      hint === undefined ? "" : html`<small>${hint}</small>`
    }</li>`;
  })}</ol>`;
}

function statesOf({ status, scanTime }: Payment): Readonly<Record<StepName, StepState>> {
  const scanned = scanTime !== undefined;
  if (status === "pending") {
    return { created: "done", scan: scanned ? "done" : "now", confirm: scanned ? "now" : "later", back: "later" };
  }
  const paid = status === "captured" || status === "refunded" || status === "partially_refunded";
  if (paid) return { created: "done", scan: "done", confirm: "done", back: "now" };
  return { created: "done", scan: scanned ? "done" : "stopped", confirm: scanned ? "stopped" : "later", back: "now" };
}
