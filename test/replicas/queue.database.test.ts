import { expect, test } from "vitest";
import { createPayment } from "../support/merchant.ts";
import { gate } from "../support/receiver.ts";
import { eventually, receiverUntilEnd, together, twoReplicas } from "../support/replicas.ts";

const settings = { contract: { notificationQueue: "endpoint_blocks" } } as const;

test("two replicas never start two notifications of an endpoint that blocks, and keep their order", async () => {
  let open = 0;
  let most = 0;
  const allPaid = gate();
  await using receiver = await receiverUntilEnd(async (response) => {
    open += 1;
    most = Math.max(most, open);
    // The first one stays open until all others wait.
    await allPaid.opened;
    setImmediate(() => {
      open -= 1;
      response.writeHead(receiver.received.length % 3 === 0 ? 500 : 204).end();
    });
  });
  await using replicas = await twoReplicas({ webhook: receiver.url, settings });
  const { a, b } = replicas;
  const payments = await together(20, (index) => createPayment(index % 2 === 0 ? a : b));
  const pay = (index: number) => (index % 2 === 0 ? b : a).payments.act(payments[index]?.id ?? "", "pay");
  await pay(0);
  await receiver.arrived(1);
  await together(19, (index) => pay(index + 1));
  allPaid.open();
  await together(2, (index) => (index === 0 ? a : b).settle());
  await a.clock.advance("PT1H");
  await eventually(async () => (await b.notifications.list({ state: "delivered", limit: 50 })).data.length).toBe(20);
  const created = (await a.notifications.list({ limit: 50 })).data.toReversed().map(({ id }) => id);
  const started = receiver.received.map(({ body }) => JSON.parse(body).id as string);
  expect([...new Set(started)]).toEqual(created);
  expect(most).toBe(1);
});
