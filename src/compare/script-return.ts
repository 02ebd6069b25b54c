import type { Examination } from "./examination.ts";
import { memberAt } from "./members.ts";
import { NotReached } from "./safety.ts";

/** A parameter of the returnUrl itself: it must come back, and is no parameter of the provider. */
const own = ["compare", "1"] as const;
/** Looks for the browser, every two seconds. */
const looksMax = 15;

/** How the browser comes back after a payment. */
export async function examineReturn(examination: Examination): Promise<void> {
  const { returns, wait } = examination.subject;
  if (returns === undefined) throw new NotReached("it needs --webhook-url: the browser comes back to the same port");
  const payer = examination.payer();
  const returnUrl = `${returns.url}?${own.join("=")}`;
  const body = examination.order(examination.spell(examination.minCents), { returnUrl });
  const request = { method: "POST", target: "/v1/payments", body } as const;
  const answer = await examination.step("create a payment whose payer comes back", request);
  const payment = examination.createdPayment(answer, examination.minCents);
  await examination.act("pay", payment);
  const paid = await examination.settled("track a payment whose payer comes back", payment.trackingUrl);
  if (returns.received.length === 0) await payer.goBack?.(payment);
  for (let look = 1; returns.received.length === 0; look += 1) {
    if (look === looksMax) throw new NotReached(`no browser came back to ${returns.url}`);
    await wait(2);
  }
  const [first] = returns.received;
  if (first === undefined) return;
  const values = { id: payment.id, merchantReference: body.merchantReference, status: memberAt(paid.body, "status") };
  const parameters = first.parameters.filter(([name, value]) => name !== own[0] || value !== own[1]);
  examination.browserReturn = {
    method: first.method,
    parameters: parameters.map(([name, value]) => [name, withTemplates(value, values)]),
  };
}

/** The value of a parameter with templates for what it says about the payment. */
function withTemplates(value: string, values: Readonly<Record<string, unknown>>): string {
  const whole = Object.entries(values).find(([, known]) => known === value);
  if (whole !== undefined) return `{${whole[0]}}`;
  return value
    .replaceAll(String(values.id), "{id}")
    .replaceAll(String(values.merchantReference), "{merchantReference}");
}
