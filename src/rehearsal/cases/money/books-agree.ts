import { defineCase } from "../../case.ts";
import { isSameAmount, type OrderView } from "../../order.ts";
import { SetupError } from "../../plan.ts";
import type { Purchase } from "../../purchase.ts";
import type { Stage } from "../../stage.ts";
import { jsonOf, memberAt } from "../../steps.ts";
import { fail } from "../../verdict.ts";
import { type Held, ledgerOf } from "./ledger.ts";

/** An order of the merchant, with all payments that the merchant made for it. */
interface BookedOrder {
  /** The newest attempt; the order is read by it. */
  purchase: Purchase;
  readonly customers: Set<string>;
  readonly references: Set<string>;
  readonly paymentIds: Set<string>;
  /** Root cause of the failed case that it belongs to. */
  cause: string | undefined;
}

/** All orders of the run. Purchases with the same reference, or of the same checkout, are one order. */
function ordersOf(stage: Stage): BookedOrder[] {
  const orders: BookedOrder[] = [];
  for (const purchase of stage.run.purchases) {
    const { reference, paymentId, values } = purchase;
    const customer = values.unique ?? "";
    let order = orders.find(({ references, customers }) => references.has(reference) || customers.has(customer));
    if (order === undefined) {
      order = { purchase, customers: new Set(), references: new Set(), paymentIds: new Set(), cause: undefined };
      orders.push(order);
    }
    order.purchase = purchase;
    order.cause ??= stage.run.causes.get(purchase);
    order.customers.add(customer);
    order.references.add(reference);
    order.paymentIds.add(paymentId);
  }
  for (const { operation, body, answer } of stage.run.parts.gateway.exchanges) {
    if (operation !== "create" || answer === undefined || answer.status >= 300) continue;
    const reference = String(memberAt(jsonOf(body), "/merchantReference"));
    const paymentId = memberAt(jsonOf(answer.body), "/id");
    if (typeof paymentId !== "string") continue;
    orders.find(({ references }) => references.has(reference))?.paymentIds.add(paymentId);
  }
  return orders;
}

/** Why an order does not hold what the provider says; `undefined` if it does. */
async function difference(stage: Stage, { purchase, paymentIds }: BookedOrder): Promise<string | undefined> {
  const ledger = await ledgerOf(stage, paymentIds);
  // A server that does not answer, or a response that is no order, holds nothing.
  const view = await stage.run.readOrder(purchase).catch((error: unknown) => {
    if (error instanceof SetupError) return undefined;
    throw error;
  });
  if (ledger.reserved > 0 || agrees(view, ledger, stage.plan.order?.paidText !== undefined)) return undefined;
  const { paidAmount = "?", refundedAmount = "?", word = "nothing" } = view ?? {};
  const says = `says ${word}, paid ${paidAmount} and refunded ${refundedAmount}`;
  return `${purchase.reference} ${says}; the provider captured ${ledger.captured} and refunded ${ledger.refunded}`;
}

function agrees(view: OrderView | undefined, { captured, refunded, held }: Held, isText: boolean): boolean {
  if (view === undefined) return held === 0;
  if (view.state === "attention") return true;
  const { paidAmount, refundedAmount, state } = view;
  if (paidAmount !== undefined && refundedAmount !== undefined) return isSameAmount(paidAmount - refundedAmount, held);
  // A text on a page shows neither a refund nor that the order asks for attention.
  if (isText) return state !== "paid" || captured > 0;
  if (paidAmount !== undefined && refunded === 0 && !isSameAmount(paidAmount, captured)) return false;
  const right = held > 0 ? ["paid", "partially_refunded"] : ["unpaid", "failed", "refunded"];
  return right.includes(state);
}

export const booksAgree = defineCase({
  id: "books_agree",
  group: "money",
  title: "The books agree",
  stake: "The provider holds money for orders that do not show it, or orders show money that nobody paid.",
  severity: "critical",
  needs: ["order"],
  phase: "last",
  does:
    "Compares all orders of the run with the sandbox's ledger. If one differs, the notifications about it that the " +
    "merchant has never taken are delivered, and the merchant's jobs run (hook jobs), before it is judged. One that " +
    "was answered with 2xx does not come again.",
  rule: "For each order, captured minus refunded is what the order says it holds, or the order asks for attention.",
  advice:
    "Record each payment and each refund with its amount and id, and derive the order's state from these records. " +
    "Otherwise your accounts never match the provider's statement.",
  precedent:
    "Merchants find such differences when they reconcile at the end of the month, when customers have long complained.",
  run: async (stage) => {
    await stage.complete(await stage.checkout());
    await stage.complete(await stage.checkout(), "decline");
    const orders = ordersOf(stage);
    let open = await differing(stage, orders);
    if (open.length === 0) return;
    for (const [{ paymentIds }] of open) await deliverOpen(stage, paymentIds);
    if (stage.has("jobs")) await stage.act("jobs");
    await stage.until(async () => {
      open = await differing(
        stage,
        open.map(([order]) => order),
      );
      return open.length === 0 ? true : undefined;
    });
    if (open.length === 0) return;
    const shown = open.slice(0, 3).map(([, why]) => why);
    const sentence = `${open.length} of ${orders.length} orders differ from the provider's ledger`;
    stage.note(sentence, open.map(([, why]) => why).join("\n"));
    // What another case has found already is no finding of its own.
    const isKnown = open.every(([{ cause }]) => cause !== undefined);
    fail(`${sentence}: ${shown.join("; ")}.`, isKnown ? open[0]?.[0].cause : "books_differ");
  },
});

async function differing(stage: Stage, orders: readonly BookedOrder[]): Promise<[BookedOrder, string][]> {
  const found: [BookedOrder, string][] = [];
  for (const order of orders) {
    const why = await difference(stage, order);
    if (why !== undefined) found.push([order, why]);
  }
  return found;
}

/** Delivers what the provider would still send: the notifications that the merchant has not taken. */
async function deliverOpen(stage: Stage, paymentIds: Iterable<string>): Promise<void> {
  for (const paymentId of paymentIds) {
    for (const notification of stage.run.parts.mailbox.all({ paymentId })) {
      if (!stage.run.taken.has(notification.id)) await stage.deliver(notification);
    }
  }
}
