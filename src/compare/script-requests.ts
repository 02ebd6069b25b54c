import type { Examination, ExaminedPayment } from "./examination.ts";
import type { Signing } from "./subject.ts";

/** A KSUID that no resource has. */
const nobody = "0ujsswThIGTUYm2K8FjOOfXtY1K";

const get = (target: string) => ({ method: "GET", target }) as const;
const post = (target: string, body?: object | string) => ({ method: "POST", target, body }) as const;

/** Wrong signatures. Nothing is created: the requests read a payment that does not exist. */
export async function examineSignatures(examination: Examination): Promise<void> {
  const signings: readonly [name: string, signing: Signing][] = [
    ["read without a signature", "none"],
    ["read with the signature of another body", "of_another_body"],
    ["read with an expired signature", "expired"],
    ["read with an unknown key", "unknown_key"],
  ];
  for (const [name, signing] of signings) await examination.step(name, { ...get(`/v1/payments/${nobody}`), signing });
}

/** Bodies that are wrong in one point, and one that is right. Their amount is the smallest one. */
export async function examineBodies(examination: Examination): Promise<void> {
  const value = examination.amounts === undefined ? 0.1 : examination.spell(examination.minCents);
  const order = () => examination.order(value);
  const { merchantReference: _, ...withoutReference } = order();
  const { returnUrl } = examination.subject;
  const method = (alipayHk: object, type = "alipay_hk") => ({ ...order(), paymentMethod: { type, alipayHk } });
  const appReturn = (url: string) => method({ returnUrl: url, flowType: "mobile_redirect" });
  const bodies: readonly [name: string, body: object | string][] = [
    ["create with malformed JSON", "{"],
    ["create without merchantReference", withoutReference],
    ["create with an amount that is a text", { ...order(), amount: { value: String(value), currency: "hkd" } }],
    ["create with another currency", { ...order(), amount: { value, currency: "eur" } }],
    ["create with another payment method", method({ returnUrl, flowType: "qr_link" }, "wechat_pay")],
    ["create with another flowType", method({ returnUrl, flowType: "app" })],
    ["create with a returnUrl without scheme", method({ returnUrl: "merchant.example/return", flowType: "qr_link" })],
    ["create for an app with a returnUrl of the web", appReturn(returnUrl)],
    ["create with the scheme of an app", appReturn("compare-app://back")],
    ["create with a script as returnUrl", method({ returnUrl: "javascript:alert(1)", flowType: "qr_link" })],
  ];
  for (const [name, body] of bodies) await examination.step(name, post("/v1/payments", body));
  await examination.step("create with a short key", post("/v1/payments?idempotencyKey=1", order()));
}

/** A pending payment, and the ways to read it. */
export async function examinePending(examination: Examination): Promise<void> {
  const key = examination.reference();
  const query = `?${new URLSearchParams({ idempotencyKey: key })}`;
  const body = examination.order(examination.spell(examination.minCents));
  const created = await examination.step("create with a key", post(`/v1/payments${query}`, body));
  const payment = examination.createdPayment(created, examination.minCents);
  await examination.step("create again with the same key", post(`/v1/payments${query}`, body));
  const other = { ...body, merchantReference: examination.reference() };
  await examination.step("create another payment with the same key", post(`/v1/payments${query}`, other));
  await examination.step("look a payment up by its key", get(`/v1/requests/payments${query}`));
  await examination.step("track a pending payment", get(payment.trackingUrl));
  await examination.step("read a pending payment", get(`/v1/payments/${payment.id}`));
  const refund = { merchantReference: examination.reference() };
  await examination.step("refund a pending payment", post(`/v1/payments/${payment.id}/refunds`, refund));
  await examineUnsupported(examination, payment);
}

/** Operations that Alipay HK does not have. [seed] */
async function examineUnsupported(examination: Examination, { id }: ExaminedPayment): Promise<void> {
  const body = { merchantReference: examination.reference() };
  for (const operation of ["increments", "captures", "cancels"]) {
    await examination.step(`ask for ${operation}`, post(`/v1/payments/${id}/${operation}`, body));
  }
  await examination.step("ask for a credit", post("/v1/credits", body));
  await examination.step("ask for a token", post("/v1/tokens", body));
}

/** What does not exist. */
export async function examineUnknown(examination: Examination): Promise<void> {
  await examination.step("read an unknown payment", get(`/v1/payments/${nobody}`));
  await examination.step("track an unknown payment", get(`/v1/tracks/payments/${nobody}`));
  await examination.step("track an unknown refund", get(`/v1/tracks/refunds/${nobody}`));
  await examination.step("look an unknown key up", get(`/v1/requests/payments?idempotencyKey=${nobody}`));
  const refund = post(`/v1/payments/${nobody}/refunds`, { merchantReference: examination.reference() });
  await examination.step("refund an unknown payment", refund);
  await examination.step("ask for an unknown path", get("/v1/nothing"));
}
