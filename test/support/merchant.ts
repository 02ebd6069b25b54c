import { readFileSync } from "node:fs";
import type { Sandbox, SandboxOptions } from "../../src/index.ts";
import { createSandbox } from "../../src/index.ts";

/** The provider's own example: request and response, byte for byte. */
export const seedExchange = JSON.parse(
  readFileSync(new URL("../../fixtures/exchanges/create-payment.json", import.meta.url), "utf8"),
) as { request: { method: string; target: string; body: string }; response: { status: number; body: string } };

/** Body of a valid payment request, with changes. */
export function paymentRequest(
  changes: { amount?: number; flowType?: string; returnUrl?: string; account?: string } = {},
) {
  return {
    processingAccountId: changes.account ?? "2HdN2jq6XWmlkhqRC2gDTNYCvNH",
    merchantReference: "order-1001",
    amount: { value: changes.amount ?? 200, currency: "hkd" },
    paymentMethod: {
      type: "alipay_hk",
      alipayHk: {
        returnUrl: changes.returnUrl ?? "https://merchant.site/complete-payment",
        flowType: changes.flowType ?? "qr_link",
      },
    },
  };
}

/** Opens a sandbox with a clock frozen at nine in the morning. */
export function frozenSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  return createSandbox({ clock: "2026-01-05T09:00:00.000Z", ...options });
}

/** A response with its body, read. */
export interface Answer {
  status: number;
  headers: Headers;
  text: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests check the shape of the body
  body: any;
}

export async function answerOf(response: Response): Promise<Answer> {
  const text = await response.text();
  const json = response.headers.get("content-type")?.startsWith("application/json");
  return { status: response.status, headers: response.headers, text, body: json ? JSON.parse(text) : undefined };
}

export async function get(
  sandbox: Pick<Sandbox, "fetch">,
  target: string,
  headers: Record<string, string> = {},
): Promise<Answer> {
  return answerOf(await sandbox.fetch(target, { headers }));
}

/** Posts JSON. A text is sent unchanged. */
export async function post(
  sandbox: Pick<Sandbox, "fetch">,
  target: string,
  body: unknown,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return answerOf(await sandbox.fetch(target, { method: "POST", body: text, headers }));
}

/** Creates a payment and returns the body of the response. */
export async function createPayment(
  sandbox: Pick<Sandbox, "fetch">,
  changes: Parameters<typeof paymentRequest>[0] = {},
) {
  const { status, body } = await post(sandbox, "/v1/payments", paymentRequest(changes));
  if (status !== 201) throw new Error(`a payment was refused: ${JSON.stringify(body)}`);
  return body as { id: string; trackingUrl: string; nextStep: { redirect: { url: string } } };
}

/** Creates a payment that the payer has paid. */
export async function createPaidPayment(
  sandbox: Pick<Sandbox, "fetch" | "payments">,
  changes: Parameters<typeof paymentRequest>[0] = {},
) {
  const payment = await createPayment(sandbox, changes);
  await sandbox.payments.act(payment.id, "pay");
  return payment;
}
