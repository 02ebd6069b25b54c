import { transactionOf } from "../../domain/ledger.ts";
import type { Caller } from "../../domain/merchant.ts";
import type { Notification, NotificationState } from "../../domain/notification.ts";
import type { Payment } from "../../domain/payment.ts";
import { accept, type Result, refuse } from "../../domain/refusal.ts";
import { idempotencyKeyLifeMs, type KeyedOperation } from "../../domain/replay.ts";
import { worldTime } from "../../domain/world.ts";
import type { RealClock } from "../../platform/clock.ts";
import type { By, Store, UnitOfWork } from "../../store/store.ts";
import { worldOf } from "../worlds/worlds.ts";
import { isWithin, matchesPayment, matchesRow, type PaymentFilters, type PaymentRow } from "./payment-filters.ts";
import { type ReferencedTransaction, referenced } from "./referenced-transaction.ts";

/** Filters and page of a list. */
export interface ListQuery {
  readonly processingAccountId?: string | undefined;
  /** First instant of the range, in milliseconds. */
  readonly fromTime?: number | undefined;
  /** First instant after the range, in milliseconds. */
  readonly toTime?: number | undefined;
  readonly limit: number;
  /** End of the previous page. */
  readonly cursor?: number | undefined;
}

export interface PaymentQuery extends ListQuery {
  readonly merchantReference?: string | undefined;
  readonly status?: string | undefined;
}

/** Page of a list. */
export interface PartQuery {
  readonly limit: number;
  /** End of the previous page. */
  readonly cursor?: number | undefined;
}

export interface NotificationQuery extends PartQuery {
  readonly paymentId?: string | undefined;
  /** Without it, notifications in every state. */
  readonly states?: readonly NotificationState[] | undefined;
}

export interface PaymentSearch extends PartQuery, PaymentFilters {}

export interface Page<T> {
  readonly data: readonly T[];
  /** End of this page; absent on the last page. */
  readonly end?: number;
}

/** Maximum number of records that one page reads, so that the cost does not depend on the number of matches. */
export const scannedMax = 1000;

/** Lists, newest first, and lookups by idempotency key. An unsigned caller sees the demo merchant's records. [ours] */
export class Queries {
  readonly #store: Store;
  readonly #clock: RealClock;
  readonly #demoMerchantId: string;

  constructor(store: Store, clock: RealClock, demoMerchantId: string) {
    this.#store = store;
    this.#clock = clock;
    this.#demoMerchantId = demoMerchantId;
  }

  /** Lists payments. Refuses with `unknown_processing_account` for a world of another merchant. */
  async payments(unit: UnitOfWork, query: PaymentQuery, caller: Caller): Promise<Result<Page<Payment>>> {
    const scope = await this.#scope(unit, query.processingAccountId, caller);
    return scope.ok ? accept(await paymentsIn(unit, scope.value, query)) : scope;
  }

  /** Lists the payments of a world, for any caller. */
  paymentsOf(processingAccountId: string, query: PaymentQuery): Promise<Result<Page<Payment>>> {
    return this.#store.atomically(async (unit) => accept(await paymentsIn(unit, { processingAccountId }, query)));
  }

  /**
   * Searches the payments of a world. Payments with exactly the text as id or reference come first, however old they
   * are.
   */
  async search(processingAccountId: string, query: PaymentSearch): Promise<Result<Page<PaymentRow>>> {
    const { status, text = "" } = query;
    const by = status === undefined ? { processingAccountId } : { processingAccountId, status };
    const found = await this.#store.atomically(
      (unit) =>
        pageOf(query, async (range) => {
          const rows = await unit.page("payment", by, range);
          return Promise.all(
            rows.map(async ({ record, sequence }) => ({ sequence, item: await matchingRow(unit, record, query) })),
          );
        }),
      { readOnly: true },
    );
    if (text === "" || query.cursor !== undefined) return accept(found);
    const exact = await this.#exact(processingAccountId, query);
    const others = found.data.filter(({ payment }) => exact.every((row) => row.payment.id !== payment.id));
    return accept({ ...found, data: [...exact, ...others] });
  }

  #exact(processingAccountId: string, query: PaymentSearch): Promise<PaymentRow[]> {
    const { text = "", limit } = query;
    return this.#store.atomically(
      async (unit) => {
        const named = await unit.get("payment", text);
        const withReference = await unit.page("payment", { processingAccountId, merchantReference: text }, { limit });
        const payments = [
          ...(named?.processingAccountId === processingAccountId ? [named] : []),
          ...withReference.map(({ record }) => record),
        ];
        const rows = await Promise.all(payments.map((payment) => matchingRow(unit, payment, query)));
        return rows.filter((row) => row !== undefined);
      },
      { readOnly: true },
    );
  }

  /** Counts the payments of a world by status. */
  statusCounts(processingAccountId: string): Promise<ReadonlyMap<string, number>> {
    return this.#store.atomically((unit) => unit.countsBy("payment", { processingAccountId }, "status"), {
      readOnly: true,
    });
  }

  /** Returns the cursor of the page that starts with a payment. */
  async cursorTo({ trackId }: Payment): Promise<number | undefined> {
    const [found] = await this.#store.atomically((unit) => unit.page("payment", { trackId }, { limit: 1 }), {
      readOnly: true,
    });
    return found && found.sequence + 1;
  }

  /** Counts the payments of each world, and the pending ones, up to `max` of each. */
  async paymentCounts(
    processingAccountIds: readonly string[],
    max: number,
  ): Promise<readonly { readonly payments: number; readonly pending: number }[]> {
    const counts = await this.#store.atomically(
      async (unit) => {
        const worlds = processingAccountIds.map((processingAccountId) => ({ processingAccountId }));
        const waiting = worlds.map((world) => ({ ...world, status: "pending" }));
        return Promise.all([unit.counts("payment", worlds, max), unit.counts("payment", waiting, max)]);
      },
      { readOnly: true },
    );
    const [payments, pending] = counts;
    return payments.map((count, index) => ({ payments: count, pending: pending[index] ?? 0 }));
  }

  /** Lists the notifications of a world, with their attempts. */
  notificationsOf(processingAccountId: string, query: NotificationQuery): Promise<Result<Page<Notification>>> {
    const { paymentId, states } = query;
    const by = paymentId === undefined ? { processingAccountId } : { paymentId };
    return this.#store.atomically(async (unit) => {
      const page = await pageOf(query, async (range) => {
        const rows = await unit.page("notification", by, range);
        return rows.map(({ record, sequence }) => {
          const matches =
            record.processingAccountId === processingAccountId && (states?.includes(record.state) ?? true);
          return { sequence, item: matches ? record : undefined };
        });
      });
      return accept(page);
    });
  }

  /** The notification that others of the endpoint wait for, in a world whose endpoint has a queue. */
  queueHead(processingAccountId: string): Promise<Notification | undefined> {
    return this.#store.atomically((unit) => unit.first("notification", { processingAccountId, queue: "head" }), {
      readOnly: true,
    });
  }

  async notification(id: string): Promise<Result<Notification>> {
    const found = await this.#store.atomically((unit) => unit.get("notification", id));
    return found === undefined ? refuse({ code: "not_found" }) : accept(found);
  }

  /** Lists the movements of money, with the rules of `payments`. */
  async transactions(unit: UnitOfWork, query: ListQuery, caller: Caller): Promise<Result<Page<ReferencedTransaction>>> {
    const scope = await this.#scope(unit, query.processingAccountId, caller);
    if (!scope.ok) return scope;
    const page = await pageOf(query, async (range) => {
      const rows = await unit.page("entry", scope.value, range);
      return rows.map(({ record, sequence }) => ({
        sequence,
        item: isWithin(query, record.time) ? transactionOf(record) : undefined,
      }));
    });
    const data = await Promise.all(page.data.map((transaction) => referenced(unit, transaction)));
    return accept({ ...page, data });
  }

  async transaction(unit: UnitOfWork, id: string, caller: Caller): Promise<Result<ReferencedTransaction>> {
    const entry = await unit.get("entry", id);
    const merchantId = caller.merchantId ?? this.#demoMerchantId;
    const transaction = entry?.merchantId === merchantId ? transactionOf(entry) : undefined;
    return transaction === undefined ? refuse({ code: "not_found" }) : accept(await referenced(unit, transaction));
  }

  /** The body of the response to the request with this key: the stored one, not the status now. [docs] */
  async replay(
    unit: UnitOfWork,
    operation: KeyedOperation,
    { idempotencyKey, processingAccountId }: { idempotencyKey: string; processingAccountId?: string | undefined },
    caller: Caller,
  ): Promise<Result<string>> {
    const scope = await this.#scope(unit, processingAccountId, caller);
    if (!scope.ok) return scope;
    const [newest] = await unit.page("replay", { ...scope.value, operation, idempotencyKey }, { limit: 1 });
    if (newest === undefined) return refuse({ code: "not_found" });
    const { clock } = await worldOf(unit, newest.record);
    const isKept = newest.record.createTime + idempotencyKeyLifeMs > worldTime(clock, this.#clock.now());
    return isKept ? accept(newest.record.body) : refuse({ code: "not_found" });
  }

  async #scope(unit: UnitOfWork, processingAccountId: string | undefined, caller: Caller): Promise<Result<Scope>> {
    const merchantId = caller.merchantId ?? this.#demoMerchantId;
    if (processingAccountId === undefined) return accept({ merchantId });
    const world = await unit.get("world", processingAccountId);
    if (world?.merchantId !== merchantId) return refuse({ code: "unknown_processing_account" });
    return accept({ processingAccountId });
  }
}

/** The payment as a row; `undefined` if it does not match. */
async function matchingRow(
  unit: UnitOfWork,
  payment: Payment,
  filters: PaymentFilters,
): Promise<PaymentRow | undefined> {
  if (!matchesPayment(payment, filters)) return undefined;
  const by = { paymentId: payment.id };
  const [notifications, refunds] = await Promise.all([unit.list("notification", by), unit.list("refund", by)]);
  return matchesRow({ notifications, refunds }, filters) ? { payment, notifications, refunds } : undefined;
}

async function paymentsIn(unit: UnitOfWork, scope: Scope, query: PaymentQuery): Promise<Page<Payment>> {
  const { status } = query;
  return pageOf(query, async (range) => {
    const rows = await unit.page("payment", narrowest(scope, query), range);
    return rows.map(({ record, sequence }) => {
      const matches = (status ?? record.status) === record.status && isWithin(query, record.createTime);
      return { sequence, item: matches ? record : undefined };
    });
  });
}

/** Reads rows until the page is full. @param read returns rows, newest first; `item` is `undefined` without a match. */
async function pageOf<T>(
  { limit, cursor }: PartQuery,
  read: (range: {
    readonly limit: number;
    readonly before: number | undefined;
  }) => Promise<{ readonly sequence: number; readonly item: T | undefined }[]>,
): Promise<Page<T>> {
  const data: T[] = [];
  let end = cursor;
  const page = () => (end === undefined ? { data } : { data, end });
  for (let scanned = 0; scanned < scannedMax; ) {
    const rows = await read({ limit: limit + 1, before: end });
    for (const { sequence, item } of rows) {
      if (item !== undefined && data.length === limit) return page();
      if (item !== undefined) data.push(item);
      end = sequence;
    }
    if (rows.length <= limit) return { data };
    scanned += rows.length;
  }
  return page();
}

type Scope = { readonly merchantId: string } | { readonly processingAccountId: string };

/** The index with the fewest payments to read: a reference has about one, a status many. */
function narrowest(scope: Scope, { merchantReference, status }: PaymentQuery): By<"payment"> {
  if (merchantReference !== undefined) return { ...scope, merchantReference };
  return status === undefined ? scope : { ...scope, status };
}
