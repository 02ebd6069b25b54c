import { html } from "hono/html";
import type { PaymentView } from "../../services/payments/payments.ts";
import { formatLeft, formatTime } from "../ui/format.ts";
import type { Html } from "../ui/layout.ts";
import { avatar } from "../ui/mark.ts";
import type { Visit } from "./visit.ts";

/** A name for tests; nothing where the same stands on the page already. */
export type TestId = (id: string) => Html | "";

export const withId: TestId = (id) => html` data-testid="${id}"`;
export const withoutId: TestId = () => "";

/** A text that others have written, shown as it is: what it does to the direction of writing ends with it. */
export function foreign(text: string, id: Html | "" = ""): Html {
  return html`<bdi${id}>${text}</bdi>`;
}

const shortMax = 48;

/** A long text gets lines of its own. */
function room(text: string): Html | "" {
  return text.length > shortMax ? html` class="long"` : "";
}

export function merchantFact({ texts }: Visit, { world }: PaymentView): Html {
  return html`<div${room(world.settings.merchantName)}><dt>${texts.merchant}</dt><dd class="who">${avatar(world.settings.merchantName)}${foreign(world.settings.merchantName, withId("merchant"))}</dd></div>`;
}

export function referenceFact({ texts }: Visit, { payment }: PaymentView, id: TestId = withId): Html {
  return html`<div${room(payment.merchantReference)}><dt>${texts.reference}</dt><dd class="id">${foreign(payment.merchantReference, id("reference"))}</dd></div>`;
}

/** How long the payment waits, by the world's clock. */
export function expiryFact(
  { texts, language }: Visit,
  { payment, world, now }: PaymentView,
  id: TestId = withId,
): Html {
  const stands = world.clock.mode === "frozen";
  return html`<div><dt>${texts.timeLeft}</dt><dd${id("expiry")}><span class="left" role="timer">${formatLeft(payment.expireTime - now)}</span>
    <small>${texts.payBefore(formatTime(payment.expireTime, language))}</small>
    <small class="stands" data-stands${stands ? "" : html` hidden`}>${texts.clockStands}</small></dd></div>`;
}

/** What the script of the pages has to know: where to ask, and what the page shows already. */
export function liveData({ token }: Visit, { payment, world, now }: PaymentView): Html {
  return html` data-live="/pay/${token}/status" data-status="${payment.status}" data-left="${payment.expireTime - now}" data-clock="${world.clock.mode}"`;
}
