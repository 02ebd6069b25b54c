import { z } from "zod";
import { transactionStatuses, transactionTypes } from "../../domain/ledger.ts";
import { providerStatuses } from "../../domain/statuses.ts";
import type { ReferencedTransaction } from "../../services/payments/referenced-transaction.ts";
import { presentResult } from "../respond.ts";
import { lazySchema, type Resource } from "../route.ts";
import { amount, givenReference, instant, ksuid, presentAmount, presentTime } from "./fields.ts";
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
      merchantReference: givenReference().meta(marked("ours", "The merchant's reference of the payment or refund.")),
      status: z.enum(providerStatuses).meta(
        marked("ours", "Status of the payment or refund after the movement, as in its notification.", {
          "x-sandbox-values": transactionStatuses,
        }),
      ),
      paymentId: ksuid("ours", "The payment of the movement."),
      refundId: ksuid("ours", "The refund of the movement; absent for a payment.").exactOptional(),
      amount: amount().nonoptional().meta(marked("ours", "The amount that moved.")),
      createTime: instant("ours", "Time of the movement."),
    })
    .meta({ id: "Transaction", ...marked("ours", "A movement of money: a captured payment, or a completed refund.") }),
);

type TransactionResource = Resource<typeof transaction>;

const transactionPage = lazySchema(() => pageOf("TransactionPage", transaction(), "Movements of money"));

/** A movement of money. [ours] */
function presentTransaction(transaction: ReferencedTransaction): TransactionResource {
  const { id, type, merchantReference, status, paymentId, refundId, amount, createTime, contract } = transaction;
  return {
    id,
    type,
    merchantReference,
    status,
    paymentId,
    ...(refundId === undefined ? {} : { refundId }),
    amount: presentAmount(amount, contract),
    createTime: presentTime(createTime),
  };
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
  query: () => z.object(listQuery("transactions", "ours")),
  responses: { 200: { source: "ours", description: "One page.", schema: transactionPage } },
  refusals: ["invalid_request", "unknown_processing_account"],
  handler: async ({ unit, trace, query, caller, asked }, { lists }) => {
    trace.contract = "mixed";
    return presentResult(applyHeaderScenario(trace, asked, await lists.transactions(unit, query, caller)), (page) =>
      presentPage("transactions", page, presentTransaction),
    );
  },
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
    trace.contract = "mixed";
    const found = await lists.transaction(unit, params.transactionId, caller);
    return presentResult(applyHeaderScenario(trace, asked, found), presentTransaction);
  },
});

export const transactionRoutes = [listTransactions, getTransaction] as const;
