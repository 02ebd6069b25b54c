import type { PaymentResource, PaymentView } from "../../src/index.ts";
import type { Client } from "./client.ts";
import type { ConfirmedPayment, Diary } from "./diary.ts";

/** Number of payments that are read concurrently. */
const atOnce = 12;

/** Final state of every payment that was confirmed to a client. */
export class Books {
  readonly views = new Map<string, PaymentView>();
  /** Payments that are missing on a replica. */
  readonly missing: string[] = [];
  /** Payments that differ between replicas. */
  readonly differing: string[] = [];
  /** Payments whose idempotency key returns another payment. */
  readonly remade: string[] = [];

  /** Reads every payment through every replica. */
  static async read(urls: readonly string[], client: Client, { payments }: Diary): Promise<Books> {
    const books = new Books();
    const waiting = [...payments];
    const readNext = async () => {
      for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) await books.#read(urls, client, next);
    };
    await Promise.all(Array.from({ length: atOnce }, readNext));
    return books;
  }

  async #read(urls: readonly string[], client: Client, confirmed: ConfirmedPayment): Promise<void> {
    const { id, idempotencyKey, request } = confirmed;
    const reads = await Promise.all(
      urls.map((url) => client.askOnce<PaymentResource>(url, { target: `/v1/payments/${id}` })),
    );
    if (reads.some((read) => read?.status !== 200 || read.body.id !== id)) this.missing.push(id);
    const states = reads.map((read) => `${read?.body.status} ${read?.body.updateTime}`);
    if (new Set(states).size > 1) this.differing.push(`${id}: ${states.join(", ")}`);
    const again = await client.ask<PaymentResource>({
      target: `/v1/payments?idempotencyKey=${idempotencyKey}`,
      body: request,
    });
    if (again?.body.id !== id) this.remade.push(`${id}: ${again?.body.id}`);
    const view = await client.ask<PaymentView>({ target: `/_sandbox/payments/${id}` });
    if (view?.status === 200) this.views.set(id, view.body);
  }
}

/** Sum in cents, so that it is exact. */
const total = (amounts: readonly number[]) => amounts.reduce((sum, amount) => sum + Math.round(amount * 100), 0);

/** Captured and refunded amounts in the ledger of a payment, in cents. */
function ledgerOf({ ledger }: PaymentView) {
  const amountsOf = (kind: string) =>
    ledger
      .filter((entry) => entry.kind === kind)
      .map(({ postings }) => total(postings.map(({ amount }) => Math.max(amount, 0))));
  return { captured: amountsOf("payment_captured"), refunded: amountsOf("refund_settled") };
}

const sum = (cents: readonly number[]) => cents.reduce((all, one) => all + one, 0);

/** Rules that every payment must keep, by name. */
export const ledgerRules: Readonly<Record<string, (payment: PaymentView) => boolean>> = {
  "balanced in every entry": ({ ledger }) =>
    ledger.every(({ postings }) => total(postings.map(({ amount }) => amount)) === 0),
  "captured at most once": (payment) => ledgerOf(payment).captured.length <= 1,
  "not refunded beyond what was captured": (payment) => {
    const { captured, refunded } = ledgerOf(payment);
    return sum(refunded) <= sum(captured);
  },
  "fully refunded at most once": (payment) => {
    const { captured, refunded } = ledgerOf(payment);
    return refunded.filter((amount) => amount === captured[0]).length <= 1;
  },
  "whose refunds are all settled, each once in the ledger": ({ ledger, refunds }) => {
    const settled = ledger.filter(({ kind }) => kind === "refund_settled").map(({ refundId }) => refundId);
    const done = refunds.filter(({ status }) => status === "refunded").map(({ id }) => id);
    return done.length === refunds.length && settled.sort().join() === done.sort().join();
  },
};
