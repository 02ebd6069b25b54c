import { defineCase } from "../../case.ts";
import { isSameAmount } from "../../order.ts";
import type { Purchase } from "../../purchase.ts";
import type { Stage } from "../../stage.ts";
import { fail, notJudged, warn } from "../../verdict.ts";
import { paidOnce, requireCounted } from "../paid-once.ts";
import { ledgerOf } from "./ledger.ts";

export const goodsAfterMoney = defineCase({
  id: "no_goods_before_money",
  group: "money",
  title: "No goods before the money",
  stake: "Goods, mails or codes go out for orders that nobody has paid.",
  severity: "critical",
  needs: ["order"],
  does: "A customer opens the provider's page and returns without paying. The merchant's jobs run. The customer pays.",
  rule: "The order has no fulfilment before the payment, and one after it.",
  advice:
    "Fulfil only in the step that makes the order paid. Otherwise everybody who starts a checkout gets the goods.",
  precedent: "Shops that sent the download link with the confirmation of the order gave it to buyers who never paid.",
  run: async (stage) => {
    const purchase = await stage.checkout();
    const { effects = 0 } = await stage.order(purchase);
    if (effects > 0) fail(`The order has ${effects} fulfilments right after the checkout.`, "pays_without_money");
    await stage.run.parts.fetchPage(purchase.pageUrl).then((page) => page.text());
    await stage.goBack(purchase);
    if (stage.has("jobs")) await stage.act("jobs");
    await stage.drain();
    const open = { states: ["unpaid", "failed"], never: ["paid"], effects: 0 } as const;
    await stage.expect(purchase, open, "The payment is pending, and the order is wrong", "trusts_return");
    await stage.complete(purchase);
    const paid = paidOnce(purchase);
    await stage.expect(purchase, paid, "The payment was paid, and the order is wrong");
    requireCounted(stage);
  },
});

/** What the changed cart costs more than the first, in HKD. */
const more = 10;

export const changedCart = defineCase({
  id: "cart_changed_after_checkout",
  group: "money",
  title: "The cart is changed after the checkout",
  stake: "The customer pays for the small cart, and gets the large one.",
  severity: "serious",
  needs: ["order", "change", "goodsAmount"],
  does: `After the checkout the customer changes the cart to one that costs HKD ${more} more, and pays the first page.`,
  rule: "The order sends goods for what was paid, or asks for attention, or gives the money back.",
  advice:
    "Make an order with its own goods and amount at the checkout, and never read the cart again. If the order can " +
    "change, compare its amount with the captured one before you send. Otherwise goods go out for less than they cost.",
  precedent:
    "Carts that stay editable in a second tab during the payment are a known fraud: goods are added after the amount " +
    "was sent to the provider.",
  run: async (stage) => {
    const purchase = await stage.checkout();
    await stage.act("change", purchase, { amount: (purchase.amount + more).toFixed(2) });
    await stage.complete(purchase);
    await stage.drain();
    await stage.until(async () => ((await isFair(stage, purchase)) ? true : undefined));
    const { word, goodsAmount } = await stage.order(purchase);
    if (await isFair(stage, purchase)) return;
    const { held } = await ledgerOf(stage, [purchase.paymentId]);
    const sentence = `HKD ${held} are held for the order, which says ${word} with goods for HKD ${goodsAmount}.`;
    fail(`After a changed cart goods and money differ: ${sentence}`, "goods_differ");
  },
});

/** Whether the order sends goods for what is held, or does not send them. */
async function isFair(stage: Stage, purchase: Purchase): Promise<boolean> {
  const view = await stage.run.readOrder(purchase);
  if (view?.state === "attention") return true;
  const { held } = await ledgerOf(stage, [purchase.paymentId]);
  if (held === 0) return view?.state !== "paid";
  return view?.state === "paid" && isSameAmount(view.goodsAmount ?? 0, held);
}

/** Sells one purchase to its end. @returns the stock after it. */
async function stockAfterSale(stage: Stage): Promise<number> {
  const purchase = await stage.checkout();
  await stage.complete(purchase);
  const view = await stage.until(async () => {
    const now = await stage.run.readOrder(purchase);
    return now?.state === "paid" ? now : undefined;
  });
  const stock = view?.stock ?? notJudged("unclear", "An ordinary purchase was not paid, so the stock is not known.");
  stage.note(`the stock is ${stock} after a sale`);
  return stock;
}

/** Ends an attempt without money. @returns its notification, delivered once. */
async function endWithoutMoney(stage: Stage, purchase: Purchase, button: "decline" | "cancel") {
  await stage.pay(purchase, button);
  const notification = await stage.notification({ purchase, type: "payment" });
  await stage.deliverUntilTaken(notification);
  await stage.goBack(purchase);
  return notification;
}

export const stockBackOnce = defineCase({
  id: "stock_back_once",
  group: "money",
  title: "The stock comes back once",
  stake: "Each repeated message about a failed payment adds goods that do not exist, and they are sold.",
  severity: "serious",
  needs: ["order", "stock"],
  does:
    "A payment is declined, and the customer cancels a second attempt (hook payAgain). Both notifications are " +
    "delivered twice, and the order is cancelled (hook cancel).",
  rule: "The stock is what it was before the order.",
  advice:
    "Remember with the order whether it holds goods, and give them back in the same step that changes this. " +
    "Otherwise you sell what you do not have, or stop selling what you have.",
  precedent:
    "Handlers of failed payments that add to the stock at each call have left shops with more goods than they had.",
  run: async (stage) => {
    const before = await stockAfterSale(stage);
    const sold = before - (await stockAfterSale(stage));
    if (sold <= 0) notJudged("does_not_apply", "A sale does not change the stock.");
    const first = await stage.checkout();
    const attempts = [first];
    const notifications = [await endWithoutMoney(stage, first, "decline")];
    if (stage.has("payAgain")) {
      const second = stage.purchaseFrom(await stage.payAgain(first));
      if (second.paymentId !== first.paymentId) {
        attempts.push(second);
        notifications.push(await endWithoutMoney(stage, second, "cancel"));
      }
    }
    for (const notification of notifications) await stage.deliverUntilTaken(notification);
    const orders = new Map(attempts.map((purchase) => [purchase.reference, purchase]));
    if (stage.has("cancel")) for (const order of orders.values()) await stage.act("cancel", order);
    const extra = (await stockAfterSale(stage)) - (before - 2 * sold);
    if (extra > 0) fail(`A failed order of ${sold} left ${extra} more in the stock than there was.`, "stock_twice");
    if (extra < 0 && stage.has("cancel")) warn(`The goods of a failed order did not come back: ${-extra} are missing.`);
    if (extra < 0) notJudged("does_not_apply", "The shop keeps the goods of a failed order for another attempt.");
  },
});
