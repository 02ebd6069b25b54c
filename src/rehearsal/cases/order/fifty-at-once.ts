import { defineCase } from "../../case.ts";
import { isTaken } from "../../courier.ts";
import type { Purchase } from "../../purchase.ts";
import { Stage } from "../../stage.ts";
import { paidOnce } from "../paid-once.ts";

const count = 50;
const id = "fifty_at_once";

export const fiftyAtOnce = defineCase({
  id,
  group: "order",
  title: "Fifty notifications at once",
  stake: "After an outage all notifications arrive in the same second, and some of them are lost.",
  severity: "critical",
  needs: ["order"],
  does:
    "Pays fifty orders while no notification arrives, and then sends the fifty notifications at the same time. One " +
    "that is refused is sent again.",
  rule: "Each of the fifty orders is paid, with one fulfilment. The server may refuse some notifications for now.",
  advice:
    "Keep nothing about a notification in a variable that requests share, answer 503 when there is too much work, " +
    "and 2xx only when the work is done or stored. Otherwise each outage of the provider costs orders.",
  precedent:
    "After an outage, providers have sent the notifications of hours within seconds. Shops ran out of database " +
    "connections, had answered 200 before, and had to repair the orders by hand.",
  run: async (stage) => {
    // The fifty purchases would hide what matters in the timeline: it has only those that go wrong.
    const quiet = new Stage(stage.run, id);
    stage.note(`buys and pays ${count} orders`);
    const purchases: Purchase[] = [];
    for (let number = 0; number < count; number += 1) purchases.push(await quiet.checkout());
    // Without the pages, which would take most of the time.
    await Promise.all(purchases.map(({ paymentId }) => stage.world.payments.act(paymentId, "pay")));
    const notifications = await Promise.all(
      purchases.map((purchase) => quiet.notification({ purchase, type: "payment" })),
    );
    stage.note(`sends ${count} notifications at the same time`);
    const answers = await Promise.all(notifications.map((notification) => quiet.deliver(notification)));
    stage.note(`${answers.filter(isTaken).length} of ${count} are taken at once`);
    for (const [at, answer] of answers.entries()) {
      const notification = notifications[at];
      if (notification !== undefined && !isTaken(answer)) await stage.deliverUntilTaken(notification);
    }
    await stage.drain();
    for (const purchase of purchases) {
      const sentence = `One of ${count} orders whose notifications came at once is wrong`;
      await stage.expect(purchase, paidOnce(purchase), sentence, "loses_payment");
    }
  },
});
