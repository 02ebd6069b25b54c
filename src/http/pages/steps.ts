import { html } from "hono/html";
import type { Payment } from "../../domain/payment.ts";
import type { Html } from "../ui/html.ts";
import type { Texts } from "./texts/shape.ts";

type StepName = "created" | "scan" | "confirm" | "back";
/** `stopped`: the step at which an unpaid payment ended. */
type StepState = "done" | "now" | "later" | "stopped";

/** Progress of the payer from the QR code back to the merchant. */
export function stepList({ steps }: Texts, payment: Payment): Html {
  const states = statesOf(payment);
  const hints: Partial<Record<StepName, string>> = { scan: steps.scanHint, confirm: steps.confirmHint };
  const names: readonly StepName[] = ["created", "scan", "confirm", "back"];
  return html`<ol class="steps" aria-label="${steps.name}">${names.map((name) => {
    const [state, hint] = [states[name], hints[name]];
    const current = state === "now" ? html` aria-current="step"` : "";
    const small = hint === undefined ? "" : html`<small>${hint}</small>`;
    return html`<li data-step="${name}" data-state="${state}"${current}>${steps[name]}${small}</li>`;
  })}</ol>`;
}

function statesOf({ status, scanTime }: Payment): Readonly<Record<StepName, StepState>> {
  const isScanned = scanTime !== undefined;
  if (status === "pending") {
    return { created: "done", scan: isScanned ? "done" : "now", confirm: isScanned ? "now" : "later", back: "later" };
  }
  const isPaid = status === "captured" || status === "refunded" || status === "partially_refunded";
  if (isPaid) return { created: "done", scan: "done", confirm: "done", back: "now" };
  return {
    created: "done",
    scan: isScanned ? "done" : "stopped",
    confirm: isScanned ? "stopped" : "later",
    back: "now",
  };
}
