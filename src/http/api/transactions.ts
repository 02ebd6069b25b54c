import { z } from "zod";
import { type Transaction, transactionTypes } from "../../domain/ledger.ts";
import { presentResult } from "../respond.ts";
import { lazySchema, type Resource } from "../route.ts";
import { amount, instant, ksuid, presentAmount, presentTime } from "./fields.ts";
import { listQuery, pageOf, presentPage } from "./lists.ts";
import { marked } from "./provenance.ts";
import { apiRoute } from "./route.ts";
import { applyHeaderScenario } from "./scenarios.ts";

// Movements of money. [plugin] names the paths; the shape is ours.

const transaction = lazySchema(() =>
  z
    .object({
      id: ksuid("ours", "Id of the movement."),
      type: z
        .enum(transactionTypes)
        .meta(
          marked(
            "ours",
            "To the merchant, back to the payer, or, only by a scenario, to the merchant again: the refund has failed.",
          ),
        ),
      paymentId: ksuid("ours", "The payment of the movement."),
      amount: amount().nonoptional().meta(marked("ours", "The amount that moved.")),
      createTime: instant("ours", "Time of the movement."),
    })
    .meta({ id: "Transaction", ...marked("ours", "A movement of money: a captured payment, or a completed refund.") }),
);

const transactionPage = lazySchema(() => pageOf("TransactionPage", transaction(), "Movements of money"));

/** A movement of money. [ours] */
function presentTransaction({ id, type, paymentId, amount, createTime }: Transaction): Resource<typeof transaction> {
  return { id, type, paymentId, amount: presentAmount(amount), createTime: presentTime(createTime) };
}

const listTransactions = apiRoute({
  method: "GET",
  path: "/transactions",
  operationId: "listTransactions",
  tag: "Transactions",
  summary: "List movements of money",
  description: "Newest commit first.",
  source: "plugin",
  scenario: "read",
  query: () => z.object(listQuery("transactions")),
  responses: { 200: { source: "ours", description: "One page.", schema: transactionPage } },
  refusals: ["invalid_request", "unknown_processing_account"],
  handler: async ({ unit, trace, query, caller, asked }, { lists }) =>
    presentResult(applyHeaderScenario(trace, asked, await lists.transactions(unit, query, caller)), (page) =>
      presentPage("transactions", page, presentTransaction),
    ),
});

const getTransaction = apiRoute({
  method: "GET",
  path: "/transactions/{transactionId}",
  operationId: "getTransaction",
  tag: "Transactions",
  summary: "Read a movement of money",
  source: "plugin",
  scenario: "read",
  responses: { 200: { source: "ours", description: "The movement.", schema: transaction } },
  refusals: ["not_found"],
  handler: async ({ unit, trace, params, caller, asked }, { lists }) => {
    const found = await lists.transaction(unit, params.transactionId, caller);
    return presentResult(applyHeaderScenario(trace, asked, found), presentTransaction);
  },
});

export const transactionRoutes = [listTransactions, getTransaction] as const;
