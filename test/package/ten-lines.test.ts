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
const test = sandboxTest({ clock: "2026-01-05T09:00:00Z", auth: "require", webhook });

test("an order is paid, notified and refunded", async ({ expect, world }) => {
  const order = { processingAccountId: world.processingAccountId, merchantReference: "1001", amount, paymentMethod };
  const created = await world.request("POST", "/v1/payments", order);
  const { id } = (await created.json()) as { id: string };
  await world.payments.act(id, "pay");
  await world.notifications.waitFor({ paymentId: id, status: "captured" });
  await world.request("POST", `/v1/payments/${id}/refunds`, { merchantReference: "1001-back" });
  await world.clock.advance("PT2S");
  expect(received).toEqual(["captured", "refunded"]);
});
