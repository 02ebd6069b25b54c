import type { WorldHandle } from "alipay-hk-sandbox";

/** Creates a payment in a world. @returns its id and the URL of its page. */
export async function createOrder(world: WorldHandle): Promise<{ readonly id: string; readonly page: string }> {
  const { processingAccountId } = world;
  const alipayHk = { flowType: "qr_link", returnUrl: "https://shop.example/thanks" };
  const paymentMethod = { type: "alipay_hk", alipayHk };
  const amount = { value: 200, currency: "hkd" };
  const order = { processingAccountId, merchantReference: "1001", amount, paymentMethod };
  const answer = await world.fetch("/v1/payments", { method: "POST", body: JSON.stringify(order) });
  const { id, nextStep } = (await answer.json()) as { id: string; nextStep: { redirect: { url: string } } };
  return { id, page: nextStep.redirect.url };
}
