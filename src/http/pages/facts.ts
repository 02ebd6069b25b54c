import { html } from "hono/html";
import type { Payment } from "../../domain/payment.ts";
import type { PaymentView, Receipt } from "../../services/payments/payments.ts";
import { formatLeft, formatMoney, formatTime } from "../ui/format.ts";
import { foreign, type Html } from "../ui/html.ts";
import { avatar } from "../ui/mark.ts";
import type { Visit } from "./visit.ts";

/** A test id; empty where the page already contains it. */
export type TestId = (id: string) => Html | "";

export const withId: TestId = (id) => html` data-testid="${id}"`;
export const withoutId: TestId = () => "";

const shortMax = 48;

/** A class that puts a long text on its own line. */
function longClass(text: string): Html | "" {
  return text.length > shortMax ? html` class="long"` : "";
}

/** The merchant's name for a sentence or a button. */
export function merchantInText({ world }: PaymentView): Html {
  return foreign(world.settings.merchantName);
}

export function merchantFact({ texts }: Visit, { world }: PaymentView): Html {
  const { merchantName } = world.settings;
  const name = html`${avatar(world.settings)}${foreign(merchantName, withId("merchant"))}`;
  return html`<div${longClass(merchantName)}><dt>${texts.merchant}</dt><dd class="who">${name}</dd></div>`;
}

export function referenceFact({ texts }: Visit, { payment }: PaymentView, id: TestId = withId): Html {
  const { merchantReference } = payment;
  const reference = foreign(merchantReference, id("reference"));
  return html`<div${longClass(merchantReference)}><dt>${texts.reference}</dt><dd class="id">${reference}</dd></div>`;
}

/** What the payer keeps: when it happened, the id of the payment, and what came back. */
export function receiptFacts({ texts, language }: Visit, { id }: Payment, { time, refunded }: Receipt): Html {
  const back = html`<div><dt>${texts.refunded}</dt>
    <dd data-testid="refunded">${formatMoney(refunded, language)}</dd></div>`;
  return html`<div><dt>${texts.date}</dt><dd data-testid="date">${formatTime(time, language)}</dd></div>
    <div class="whole"><dt>${texts.paymentId}</dt><dd class="id"><code data-testid="payment-id">${id}</code></dd></div>
    ${refunded > 0 ? back : ""}`;
}

/** The page warns for this long before the expiry. `live.js` has the same value. */
const lastMinuteMs = 60_000;

/** Time left until the payment expires, by the world's clock. */
export function expiryFact(
  { texts, language }: Visit,
  { payment, world, now }: PaymentView,
  id: TestId = withId,
): Html {
  const isFrozen = world.clock.mode === "frozen";
  const left = payment.expireTime - now;
  const isLast = left <= lastMinuteMs;
  return html`<div><dt>${texts.timeLeft}</dt>
    <dd${id("expiry")}${isLast ? html` data-last` : ""}><span class="left" role="timer">${formatLeft(left)}</span>
    <small class="last"${id === withId ? html` role="status"` : ""} data-last-minute="${texts.lastMinute}">${
      isLast ? texts.lastMinute : ""
    }</small>
    <small>${texts.payBefore(formatTime(payment.expireTime, language, now))}</small>
    <small data-frozen${isFrozen ? "" : html` hidden`}>${texts.clockFrozen}</small></dd></div>`;
}

/** Empty until the page's script finds that the sandbox does not respond. */
export function goneNotice({ texts }: Visit): Html {
  return html`<p class="gone" role="status" data-testid="gone" data-gone="${texts.gone}"></p>`;
}

/** Attributes for the page's script: the address of the status, and the values that the page shows. */
export function liveData({ token }: Visit, { payment, world, now }: PaymentView): Html {
  const left = payment.expireTime - now;
  return html` data-live="/pay/${token}/status"
    data-status="${payment.status}" data-left="${left}" data-clock="${world.clock.mode}"`;
}
