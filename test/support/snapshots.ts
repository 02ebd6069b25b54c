import type { Sandbox, SandboxOptions } from "../../src/index.ts";
import { type Answer, answerOf, createPaidPayment, createPayment, get, paymentRequest, post } from "./merchant.ts";

const path = "/_sandbox/snapshot";

/** Takes a snapshot; by default of the demo world. */
export async function snapshotOf(sandbox: Pick<Sandbox, "fetch">, processingAccountId?: string): Promise<Answer> {
  const query = processingAccountId === undefined ? "" : `?processingAccountId=${processingAccountId}`;
  const answer = await get(sandbox, `${path}${query}`);
  if (answer.status !== 200) throw new Error(answer.text);
  return answer;
}

/** Restores a snapshot. A text is sent unchanged. @param query begins with `?`. */
export async function putBack(sandbox: Pick<Sandbox, "fetch">, snapshot: unknown, query = ""): Promise<Answer> {
  const body = typeof snapshot === "string" ? snapshot : JSON.stringify(snapshot);
  return answerOf(await sandbox.fetch(`${path}${query}`, { method: "PUT", body }));
}

/** Returns the text of a snapshot without the measurements of the real clock. */
export async function repeatable(sandbox: Pick<Sandbox, "fetch">, processingAccountId?: string): Promise<string> {
  const { real: _, ...rest } = (await snapshotOf(sandbox, processingAccountId)).body;
  return JSON.stringify(rest);
}

/** An endpoint that fails `times` times for each notification, and lists the received ids in order. */
export function failing(times: number) {
  const ids: string[] = [];
  const webhook: SandboxOptions["webhook"] = async (request) => {
    const { id } = (await request.json()) as { id: string };
    ids.push(id);
    return new Response(null, { status: ids.filter((seen) => seen === id).length > times ? 204 : 503 });
  };
  return { ids, webhook };
}

/** Fills the demo world with records of every kind, rotated keys and retried notifications. */
export async function makeBusy(sandbox: Pick<Sandbox, "fetch" | "payments" | "clock">) {
  const paid = await createPaidPayment(sandbox);
  const part = { merchantReference: "return-1", amount: { value: 50, currency: "hkd" } };
  await post(sandbox, `/v1/payments/${paid.id}/refunds?idempotencyKey=refund-key`, part);
  await post(sandbox, "/v1/payments?idempotencyKey=payment-key", paymentRequest());
  const declined = await createPayment(sandbox, { amount: 8888.01 });
  await sandbox.clock.advance("PT3M");
  await post(sandbox, "/_sandbox/keys/rotate", { overlap: "PT1H" });
  const another = await createPaidPayment(sandbox, { flowType: "mobile_redirect" });
  await post(sandbox, `/v1/payments/${another.id}/refunds`, { merchantReference: "return-2" });
  const scanned = await createPayment(sandbox);
  await sandbox.payments.act(scanned.id, "scan");
  await createPayment(sandbox, { amount: 8888.9 });
  await post(sandbox, "/v1/payments", paymentRequest({ amount: 8888.43 }));
  await post(sandbox, "/_sandbox/scenarios/next", { scenario: "declined_risk", times: 3 });
  await post(sandbox, "/v1/payments", { ...paymentRequest(), amount: { value: 1, currency: "usd" } });
  await sandbox.clock.advance("PT1S");
  return { paid, declined, another, scanned };
}
