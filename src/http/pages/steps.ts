import { html } from "hono/html";
import type { Payment } from "../../domain/payment.ts";
import type { Html } from "../ui/html.ts";
import { type Ending, isPaid } from "./ending.ts";
import type { Texts } from "./texts/shape.ts";

interface Step {
  readonly name: "created" | "scan" | "confirm" | "back";
  /** `stopped`: the step at which an unpaid payment ended. */
  readonly state: "done" | "now" | "later" | "stopped";
  readonly text: Html | string;
  readonly hint?: string;
}

/** What the payer has to do, from the QR code back to the merchant. */
export function stepList({ steps }: Texts, { scanTime }: Payment, merchant: Html): Html {
  const isScanned = scanTime !== undefined;
  return list(steps.name, [
    { name: "created", state: "done", text: steps.created },
    { name: "scan", state: isScanned ? "done" : "now", text: steps.scan, hint: steps.scanHint },
    { name: "confirm", state: isScanned ? "now" : "later", text: steps.confirm, hint: steps.confirmHint },
    { name: "back", state: "later", text: steps.back(merchant) },
  ]);
}

/** What the payer did before the payment ended. @param merchant absent if the browser does not return. */
export function pastSteps({ steps, endings }: Texts, payment: Payment, ending: Ending, merchant?: Html): Html {
  const created: Step = { name: "created", state: "done", text: steps.created };
  const scanned: Step = { name: "scan", state: "done", text: steps.scanDone };
  const confirmed: Step = { name: "confirm", state: "done", text: steps.confirmDone };
  const stopped = (name: Step["name"]): Step => ({ name, state: "stopped", text: endings[ending] });
  const unpaid = payment.scanTime === undefined ? [stopped("scan")] : [scanned, stopped("confirm")];
  const back: Step[] = merchant === undefined ? [] : [{ name: "back", state: "now", text: steps.back(merchant) }];
  return list(steps.name, [created, ...(isPaid(ending) ? [scanned, confirmed] : unpaid), ...back]);
}

function list(label: string, steps: readonly Step[]): Html {
  return html`<ol class="steps" aria-label="${label}">${steps.map(({ name, state, text, hint }) => {
    const current = state === "now" ? html` aria-current="step"` : "";
    const small = hint === undefined ? "" : html`<small>${hint}</small>`;
    return html`<li data-step="${name}" data-state="${state}"${current}>${text}${small}</li>`;
  })}</ol>`;
}
