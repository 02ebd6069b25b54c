import { sandboxTest } from "alipay-hk-sandbox/vitest";

const amount = { value: 200, currency: "hkd" };
const paymentMethod = {
  type: "alipay_hk",
  alipayHk: { flowType: "qr_link", returnUrl: "https://shop.example/thanks" },
};
const received: string[] = [];
const webhook = async (request: Request) => {
  received.push(((await request.json()) as { payload: { status: string } }).payload.status);
  return new Response();
};
const test = sandboxTest({ clock: "2026-01-05T09:00:00Z", webhook });

test("an order is paid, notified and refunded", async ({ expect, world }) => {
  const order = { processingAccountId: world.processingAccountId, merchantReference: "1001", amount, paymentMethod };
  const created = await world.fetch("/v1/payments", { method: "POST", body: JSON.stringify(order) });
  const { id } = (await created.json()) as { id: string };
  await world.payments.act(id, "pay");
  await world.notifications.waitFor({ paymentId: id, status: "captured" });
  await world.fetch(`/v1/payments/${id}/refunds`, { method: "POST", body: '{ "merchantReference": "1001-back" }' });
  await world.clock.advance("PT2S");
  expect(received).toEqual(["captured", "refunded"]);
});
