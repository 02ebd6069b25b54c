import type { Examination, ExaminedPayment } from "./examination.ts";
import { memberAt } from "./members.ts";
import type { PayerAction, Seen } from "./subject.ts";

const get = (target: string) => ({ method: "GET", target }) as const;
const post = (target: string, body?: object) => ({ method: "POST", target, body }) as const;

/** A paid payment, its refunds, and how all of them are read. */
export async function examinePaid(examination: Examination): Promise<void> {
  examination.payer();
  const payment = await examination.create("create a paid payment", examination.refundableCents);
  await examination.act("pay", payment);
  await examination.settled("track a paid payment", payment.trackingUrl);
  await examination.step("read a paid payment", get(`/v1/payments/${payment.id}`));
  await examination.part("refunds", () => examineRefunds(examination, payment));
}

/** A third of the payment goes back, then the same again, then the rest. */
async function examineRefunds(examination: Examination, payment: ExaminedPayment): Promise<void> {
  const target = `/v1/payments/${payment.id}/refunds`;
  const amountOf = (cents: number) => ({ value: examination.spell(cents), currency: "hkd" });
  const amount = amountOf(Math.floor(payment.cents / 3));
  const reference = () => examination.reference();
  const euros = { merchantReference: reference(), amount: { ...amount, currency: "eur" } };
  await examination.step("refund with another currency", post(target, euros));
  const tooMuch = { merchantReference: reference(), amount: amountOf(payment.cents + 1) };
  await examination.step("refund more than was paid", post(target, tooMuch));
  const without = await examination.step("refund a part without merchantReference", post(target, { amount }));
  const isDone = without.status < 300;
  const body = { merchantReference: reference(), amount };
  const partial = isDone ? without : await examination.step("refund a part", post(target, body));
  await examineRefund(examination, "a part", partial);
  await examination.step("track a partly refunded payment", get(payment.trackingUrl));
  await examination.step("refund a second part", post(target, { merchantReference: reference(), amount }));
  const rest = await examination.step("refund the rest", post(target, { merchantReference: reference() }));
  if (rest.status < 300) await examineRefund(examination, "the rest", rest);
  await examination.step("refund a payment once more", post(target, { merchantReference: reference() }));
  await examination.step("track a refunded payment", get(payment.trackingUrl));
  await examination.step("read a refunded payment", get(`/v1/payments/${payment.id}`));
}

async function examineRefund(examination: Examination, what: string, { status = 0, body }: Seen): Promise<void> {
  if (status >= 300) return;
  const trackingUrl = memberAt(body, "trackingUrl");
  if (typeof trackingUrl !== "string" || !trackingUrl.startsWith("/v1/")) return;
  await examination.settled(`track the refund of ${what}`, trackingUrl);
}

/** A paid payment that is refunded at once. */
export async function examineFullRefund(examination: Examination): Promise<void> {
  examination.payer();
  const payment = await examination.create("create a payment that is refunded at once");
  await examination.act("pay", payment);
  await examination.settled("track a payment before its refund", payment.trackingUrl);
  const body = { merchantReference: examination.reference() };
  const refund = await examination.step("refund all at once", post(`/v1/payments/${payment.id}/refunds`, body));
  await examineRefund(examination, "all at once", refund);
  await examination.step("track a payment that was refunded at once", get(payment.trackingUrl));
}

/** The payments that end without money, by the action of the payer. */
export const endings = {
  cancel: "a cancelled payment",
  decline: "a declined payment",
  fail: "a failed payment",
  expire: "an expired payment",
} as const satisfies Partial<Record<PayerAction, string>>;

export async function examineEnding(examination: Examination, action: keyof typeof endings): Promise<void> {
  examination.payer();
  const payment = await examination.create(`create ${endings[action]}`);
  await examination.act(action, payment);
  await examination.settled(`track ${endings[action]}`, payment.trackingUrl);
  await examination.step(`read ${endings[action]}`, get(`/v1/payments/${payment.id}`));
}
