import { z } from "zod";
import type { Transaction } from "../../domain/ledger.ts";
import { applyHeaderScenario } from "../middleware/faults.ts";
import { presentResult } from "../respond.ts";
import { lazySchema, type Resource } from "../route.ts";
import { amount, instant, ksuid, presentAmount, presentTime } from "./fields.ts";
import { listQuery, pageOf, presentPage } from "./lists.ts";
import { marked } from "./provenance.ts";
import { apiRoute } from "./route.ts";

// Movements of money. [plugin] names the paths; the shape is ours.

const transaction = lazySchema(() =>
  z
    .object({
      id: ksuid("ours", "Id of the movement."),
      type: z.enum(["payment", "refund"]).meta(marked("ours", "To the merchant, or back to the payer.")),
      paymentId: ksuid("ours", "The payment of the movement."),
      amount: amount().nonoptional().meta(marked("ours", "The amount that moved.")),
      createTime: instant("ours", "Time of the movement."),
    })
    .meta({ id: "Transaction", ...marked("ours", "A movement of money: a captured payment or a completed refund.") }),
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
  handler: async ({ c, query, caller }, { lists }) =>
    presentResult(applyHeaderScenario(c, await lists.transactions(query, caller)), (page) =>
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
  handler: async ({ c, params, caller }, { lists }) =>
    presentResult(applyHeaderScenario(c, await lists.transaction(params.transactionId, caller)), presentTransaction),
});

export const transactionRoutes = [listTransactions, getTransaction] as const;
