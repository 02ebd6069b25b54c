import { defineCase } from "../../case.ts";
import { fail, notJudged } from "../../verdict.ts";
import { paidOnce } from "../paid-once.ts";

/** Amounts that a calculation with binary fractions changes, and the smallest one. */
const amounts = [
  ["0.10", "the smallest amount", "The smallest amount is rounded to nothing, or to a whole dollar."],
  ["8.20", "one decimal", "8.20 times 100 is 819.99 for a computer: the customer is charged a cent less."],
  ["19.99", "an ordinary price", "19.99 times 100 is 1998.99 for a computer: the customer is charged a cent less."],
  ["582.42", "a larger amount", "582.42 times 100 is 58241.99 for a computer: the customer is charged a cent less."],
] as const;

/** An ordinary purchase of each amount. */
export const exactAmounts = amounts.map(([amount, name, stake]) =>
  defineCase({
    id: `amount_${amount.replace(".", "_")}`,
    group: "money",
    title: `HKD ${amount}: ${name}`,
    stake,
    severity: "serious",
    needs: ["order", "amounts"],
    does: `A customer buys for HKD ${amount} and pays.`,
    rule: `The request to create the payment has exactly ${amount}, and the order is paid with that amount.`,
    advice:
      "Count money in whole cents or with decimals, round once, and compare in cents. Otherwise single cents are " +
      "missing, and orders with such prices stay open until a person corrects them.",
    precedent:
      "Several shop plug-ins cut the result of price times 100 to an integer, and charged a cent less for some " +
      "prices; others compared amounts as fractions and refused right payments.",
    run: async (stage) => {
      const attempt = await stage.tryCheckout({ amount });
      const status = attempt.answers.at(-1)?.status ?? 0;
      if (attempt.creates.length === 0 && status >= 400 && status < 500) {
        notJudged("does_not_apply", `The shop sells nothing for HKD ${amount}: it answers ${status}.`);
      }
      const purchase = stage.purchaseFrom(attempt);
      if (purchase.amount !== Number(amount)) {
        fail(`A purchase for HKD ${amount} creates a payment of HKD ${purchase.amount}.`, "inexact_amount");
      }
      await stage.complete(purchase);
      const want = paidOnce(purchase);
      await stage.expect(purchase, want, `A payment of HKD ${amount} leaves a wrong order`, "inexact_amount");
    },
  }),
);
