import type { PaymentResource, PaymentView } from "../../src/index.ts";
import type { Client } from "./client.ts";
import type { Diary, PromisedPayment } from "./diary.ts";

/** How many payments are looked at at once. */
const atOnce = 12;

/** What there is in the end of every payment that a client was promised. */
export class Books {
  readonly views = new Map<string, PaymentView>();
  /** Payments that one of the replicas does not have. */
  readonly missing: string[] = [];
  /** Payments that the replicas do not have alike. */
  readonly differing: string[] = [];
  /** Payments in whose place another one is answered when they are asked for again by their key. */
  readonly remade: string[] = [];

  /** Reads every payment through every replica. */
  static async read(urls: readonly string[], client: Client, { payments }: Diary): Promise<Books> {
    const books = new Books();
    const waiting = [...payments];
    const look = async () => {
      for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) await books.#look(urls, client, next);
    };
    await Promise.all(Array.from({ length: atOnce }, look));
    return books;
  }

  async #look(urls: readonly string[], client: Client, promised: PromisedPayment): Promise<void> {
    const { id, idempotencyKey, request } = promised;
    const reads = await Promise.all(
      urls.map((url) => client.askOnce<PaymentResource>(url, { target: `/v1/payments/${id}` })),
    );
    if (reads.some((read) => read?.status !== 200 || read.body.id !== id)) this.missing.push(id);
    const standings = reads.map((read) => `${read?.body.status} ${read?.body.updateTime}`);
    if (new Set(standings).size > 1) this.differing.push(`${id}: ${standings.join(", ")}`);
    const again = await client.ask<PaymentResource>({
      target: `/v1/payments?idempotencyKey=${idempotencyKey}`,
      body: request,
    });
    if (again?.body.id !== id) this.remade.push(`${id}: ${again?.body.id}`);
    const whole = await client.ask<PaymentView>({ target: `/_sandbox/payments/${id}` });
    if (whole?.status === 200) this.views.set(id, whole.body);
  }
}

/** In cents, so that sums are exact. */
const total = (amounts: readonly number[]) => amounts.reduce((sum, amount) => sum + Math.round(amount * 100), 0);

/** What the ledger of a payment says, in cents. */
function ledgerOf({ ledger }: PaymentView) {
  const amountsOf = (kind: string) =>
    ledger
      .filter((entry) => entry.kind === kind)
      .map(({ postings }) => total(postings.map(({ amount }) => Math.max(amount, 0))));
  return { captured: amountsOf("payment_captured"), refunded: amountsOf("refund_settled") };
}

const sum = (cents: readonly number[]) => cents.reduce((all, one) => all + one, 0);

/** What must not be so, and whether it is. */
export const ledgerRules: Readonly<Record<string, (payment: PaymentView) => boolean>> = {
  "balanced in every entry": ({ ledger }) =>
    ledger.every(({ postings }) => total(postings.map(({ amount }) => amount)) === 0),
  "captured at most once": (payment) => ledgerOf(payment).captured.length <= 1,
  "not refunded beyond what was captured": (payment) => {
    const { captured, refunded } = ledgerOf(payment);
    return sum(refunded) <= sum(captured);
  },
  "refunded whole at most once": (payment) => {
    const { captured, refunded } = ledgerOf(payment);
    return refunded.filter((amount) => amount === captured[0]).length <= 1;
  },
  "with each refund once in the ledger, and done": ({ ledger, refunds }) => {
    const settled = ledger.filter(({ kind }) => kind === "refund_settled").map(({ refundId }) => refundId);
    const done = refunds.filter(({ status }) => status === "refunded").map(({ id }) => id);
    return done.length === refunds.length && settled.sort().join() === done.sort().join();
  },
};
