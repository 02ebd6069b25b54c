/** The advice for all goods that go out twice, without its end. */
export const oneWinner = "Change the state of the order and fulfil it in one step that only one caller can win";

/** Advice for root causes that more than one case can find: it must fit them all. */
export const adviceByCause = {
  fulfils_twice:
    `${oneWinner}, such as a conditional update, whatever reports the payment: webhook, return or job. Otherwise ` +
    "goods and mails go out twice.",
  not_counted:
    "Add order.effects to the plan: where the order counts its fulfilments, mails or goods. Without it nobody sees " +
    "that goods go out twice.",
  server_ended:
    "Catch the error that ended the server: its last lines name it. A request must never end the process. Otherwise " +
    "one message stops the whole shop, and the provider sends that message again.",
  server_does_not_start:
    "Let the server start after a crash without help: no lock, socket or process of the old one may stop it. " +
    "Otherwise one crash closes the shop until somebody repairs it.",
  server_down:
    "Let the server answer requests for an order within the limit, and not with 5xx: its log names the error. " +
    "Otherwise neither customers nor employees can see what happened to an order.",
  order_gone:
    "Keep every order, also after an error and after a restart. Otherwise money comes for an order that nobody " +
    "knows. If a 404 is right, set order.notFound in the plan; for orders in memory, start.keepsOrders to false.",
  no_payment:
    "Look at the last response of the checkout and at the request to the API in the timeline: one of them has the " +
    "error. Otherwise customers in the same situation cannot buy.",
  cannot_pay_again:
    "After an error of the create, let the customer try again: repeat the request with the key that is stored with " +
    "the order. Otherwise the sale is lost.",
  two_payments:
    "Store the order with its idempotency key before the create, and send this key until there is an answer. " +
    "Otherwise the provider makes a second payment, and the customer can pay both.",
  keeps_both_payments:
    "Keep all payments of an order, not only the newest. If more is captured than the order costs, refund the rest " +
    "through the API or show the order to a human. Otherwise a customer pays twice, and you learn it from the bank.",
  refuses_genuine:
    "Answer a genuine notification with 2xx when its work is done or stored, also if it comes in an unusual form or " +
    "again. Otherwise the provider sends it again and again, gives up, and the order misses what it reports.",
  loses_payment:
    "Answer a notification with 2xx only after the order is paid and fulfilled, or the work is stored where a " +
    "restart finds it; answer 5xx otherwise, so that it comes again. Otherwise customers pay and get nothing.",
  acknowledges_too_early:
    "Answer 2xx only when the work is committed, or the notification is stored where a restart finds it. Otherwise " +
    "an error or a crash after the 2xx loses a paid order: no further notification comes.",
  waits_for_jobs:
    "Let the server repeat by itself, and soon, what failed while it handled a notification, or answer 5xx so that " +
    "the notification comes again. Otherwise a customer who has paid waits until the next run of the jobs.",
  ordinary_payment:
    "Make an ordinary purchase work first: the notification of a captured payment makes the order paid, with one " +
    "fulfilment and the whole amount. The timeline shows the step that failed. Otherwise customers pay for nothing.",
  ordinary_refund:
    "Make an ordinary refund work first: the notification of a refund that succeeded makes the order refunded, with " +
    "its amount. Otherwise the books are wrong, and somebody refunds the order once more.",
  pays_without_money:
    "Make the order paid, and fulfil it, only for the statuses that mean money: captured, and those of refunds. " +
    "Otherwise goods go out without money.",
  trusts_return:
    "At the return ask the provider for the status, and leave a pending order open. Otherwise goods go out to a " +
    "customer who only looked at the page, or an order that can still be paid is closed.",
  believes_return:
    "Read only the order from the return. Take the status from a verified notification about a payment of this " +
    "order, or ask the provider for it. Otherwise whoever knows a return URL gets goods without paying.",
  error_at_return:
    "Answer every return with a page, by GET or POST, with or without a session, also before the notification: find " +
    "the order by the URL, and say that the payment is checked. Otherwise customers who paid see an error.",
  steps_back:
    "Let an order move only forward: derive its state from all its payments and refunds, and let an old message " +
    "change nothing that a newer one did. Otherwise paid orders become open, or refunded ones are sent.",
  takes_forged:
    "Verify the signature before anything else, over the exact bytes, and accept only HS256 with your shared secret. " +
    "Otherwise anybody who knows the endpoint gets goods without paying.",
  accepts_forged:
    "Answer a message whose signature is not valid with 401. An answer 2xx hides from you that a key is wrong, and " +
    "from the provider that it must send a genuine message again.",
  takes_foreign_payment:
    "Count only payments that you started for this order: compare the id, the reference, the amount, the currency " +
    "and the account. Otherwise a small or foreign payment opens a large order.",
  ignores_case:
    "Compare ids and references exactly, also in the database: choose a collation that tells capitals from small " +
    "letters. Otherwise the payment of one order makes another one paid.",
  trusts_unsigned_answers:
    "Verify X-Signature of each answer over its exact bytes before you use it, and handle a wrong one as no answer. " +
    "Otherwise whoever can change an answer decides where customers pay, and which orders are paid.",
  rotation:
    "Accept a message if one of its signatures is valid with a key that you have, and load a new key before the old " +
    "one is retired. Otherwise no payment arrives from the change of the key on.",
  no_refund:
    "Let the refund reach the provider: the last response and the requests in the timeline show what stopped it. " +
    "Otherwise the employee believes in a refund that nobody started.",
  misses_refund:
    "Find the order by paymentId, also for a refund that you did not start, and record each refund that succeeded " +
    "with its amount. Otherwise an order without money looks paid.",
  believes_failed_refund:
    "Let the last status of a refund count, also after a success: on failed, show the order as paid or inform an " +
    "employee. Otherwise the order says that the money went back, and the customer never gets it.",
  miscounts_refund:
    "Count each refund once, by its id, with the amount that the provider confirms. Otherwise the order shows " +
    "another amount than the provider's account.",
  refunds_twice:
    "Store the refund with its idempotency key in one step before you send it, and send that key until you have an " +
    "answer. Otherwise a second click or attempt is a second refund.",
  refunds_wrong_amount:
    "Send the amount with each refund, calculated in whole cents: without it the provider refunds all that is left. " +
    "Otherwise you lose the difference, or the customer does.",
} as const;

/** What to change after a result, and what the fault costs. @param description the case of the result. */
export function adviceFor({ cause }: { readonly cause: string }, description: { readonly advice: string }): string {
  return Object.hasOwn(adviceByCause, cause) ? adviceByCause[cause as keyof typeof adviceByCause] : description.advice;
}
