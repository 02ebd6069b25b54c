import type { Mutant } from "./mutant.ts";

export const moneyMutants: readonly Mutant[] = [
  {
    fails: ["amount_0_10", "amount_8_20", "amount_19_99", "amount_582_42"],
    find: "newOrder(Number(json.amount ?? 38))",
    replace: "newOrder(Math.ceil(json.amount ?? 38))",
  },
  {
    fails: ["amount_8_20", "amount_19_99", "amount_582_42"],
    find: "newOrder(Number(json.amount ?? 38))",
    replace: "newOrder(Math.trunc((json.amount ?? 38) * 100) / 100)",
  },
  {
    fails: ["amount_19_99"],
    find: "const cents = (amount) => Math.round(amount * 100);",
    replace: "const cents = (amount) => Math.trunc(amount * 100);",
  },
  {
    fails: ["no_goods_before_money"],
    find: "order.goodsAmount = amount;",
    replace: "order.goodsAmount = amount; fulfil(order);",
  },
  {
    fails: ["cart_changed_after_checkout"],
    find: "async ({ order }) => ({ status: 409, body: view(order) }),",
    replace: "async ({ order, json }) => ({ status: 200, body: (order.goodsAmount = Number(json.amount)) }),",
  },
  {
    fails: ["stock_back_once"],
    find: "if (!order.hasGoods) return;",
    replace: "if (order === undefined) return;",
  },
  {
    fails: ["books_agree"],
    find: "const amounts = { paidAmount: capturedAmount(order), refundedAmount: refundedAmount(order) };",
    replace: "const amounts = { paidAmount: order.amount, refundedAmount: refundedAmount(order) };",
  },
];
