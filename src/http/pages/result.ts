import { html } from "hono/html";
import type { PaymentReason } from "../../domain/statuses.ts";
import type { PaymentView, Receipt } from "../../services/payments/payments.ts";
import { addressOfAsset } from "../ui/assets.ts";
import { formatMoney } from "../ui/format.ts";
import type { Html } from "../ui/html.ts";
import type { Page } from "../ui/layout.ts";
import { seal } from "../ui/mark.ts";
import { payerPage } from "./bar.ts";
import type { Ending } from "./ending.ts";
import { merchantFact, merchantInText, receiptFacts, referenceFact } from "./facts.ts";
import { script } from "./files.ts";
import { returnLink } from "./return.ts";
import { pastSteps } from "./steps.ts";
import type { Visit } from "./visit.ts";

export interface ResultPageOptions {
  readonly ending: Ending;
  readonly receipt: Receipt;
  /** The view in which the payer waited. */
  readonly view: "qr" | "wallet";
  /** Whether the browser goes back to the merchant by itself. The page has a link in both cases. */
  readonly returns: boolean;
}

/** The result of the payment, and the link back to the merchant. */
export function resultPage(visit: Visit, found: PaymentView, options: ResultPageOptions): Page {
  const { texts, language } = visit;
  const { payment, world } = found;
  const { ending, receipt, view, returns } = options;
  const merchant = merchantInText(found);
  const back = returnLink(visit, payment, returns ? world.settings.returnDelayMs : undefined, merchant);
  const facts = html`<dl class="facts">${merchantFact(visit, found)}${referenceFact(visit, found)}${receiptFacts(
    visit,
    payment,
    receipt,
  )}</dl>`;
  const amount = html`<p class="amount" data-testid="amount">${formatMoney(payment.amount, language)}</p>`;
  const wallet = html`<div class="wallet result">
      ${outcome(visit, found, ending)}${amount}<div class="card">${facts}</div>${back.body}
    </div>`;
  const steps = pastSteps(texts, payment, ending, back.isPossible ? merchant : undefined);
  const checkout = html`<div class="card halves result">
      <section>${outcome(visit, found, ending)}${amount}${back.body}</section>
      <section>${facts}${steps}</section>
    </div>`;
  return payerPage(visit, view === "qr" ? texts.site : texts.walletName, {
    title: texts.endings[ending],
    shape: view === "qr" ? "checkout" : "phone",
    head: html`${back.head ?? ""}<script src="${addressOfAsset(script)}" defer></script>`,
    ...(back.formAction === undefined ? {} : { formAction: back.formAction }),
    body: view === "qr" ? checkout : wallet,
  });
}

/** Symbol and shade of each ending. Grey for what is nobody's failure. */
const looks = {
  captured: ["tick", "good"],
  partially_refunded: ["tick", "good"],
  refunded: ["tick", "good"],
  cancelled: ["cross", "calm"],
  expired: ["clock", "calm"],
  declined: ["bar", "bad"],
  failed: ["exclamation", "warning"],
} as const satisfies Record<Ending, Parameters<typeof seal>>;

function outcome({ texts }: Visit, { payment: { status, reason } }: PaymentView, ending: Ending): Html {
  const [symbol, shade] = looks[ending];
  const explanation = (code: PaymentReason) =>
    html`<p class="why" data-testid="reason" data-reason="${code}">${texts.reasons[code]}</p>`;
  return html`${seal(symbol, shade)}
      <h1 class="status ${shade}" data-testid="status" data-status="${status}">${texts.endings[ending]}</h1>
      ${reason === undefined ? "" : explanation(reason)}`;
}
