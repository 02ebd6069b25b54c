import { type Transaction, transactionOf } from "../domain/ledger.ts";
import type { Caller } from "../domain/merchant.ts";
import type { Payment } from "../domain/payment.ts";
import { accept, type Result, refuse } from "../domain/refusal.ts";
import { idempotencyKeyLifeMs, type KeyedOperation } from "../domain/replay.ts";
import { worldTime } from "../domain/world.ts";
import type { RealClock } from "../platform/clock.ts";
import type { By, Store, UnitOfWork } from "../store/store.ts";
import { worldOf } from "./worlds.ts";

/** Which part of a list is asked for. */
export interface ListQuery {
  readonly processingAccountId?: string | undefined;
  /** The first instant, in milliseconds. */
  readonly fromTime?: number | undefined;
  /** The instant after the last one. */
  readonly toTime?: number | undefined;
  readonly limit: number;
  /** Where the page before ended: only what comes after it in the list. */
  readonly cursor?: number | undefined;
}

export interface PaymentQuery extends ListQuery {
  readonly merchantReference?: string | undefined;
  readonly status?: string | undefined;
}

export interface Page<T> {
  readonly data: readonly T[];
  /** Where this page ended; absent on the last one. */
  readonly end?: number;
}

/** A page looks at this many records at most, so that it costs the same however few of them match. */
const scannedMax = 1000;

/** Lists, newest commit first, and look-ups by idempotency key. An unsigned caller sees the demo merchant's. [ours] */
export class Lists {
  readonly #store: Store;
  readonly #clock: RealClock;
  readonly #demoMerchantId: string;

  constructor(store: Store, clock: RealClock, demoMerchantId: string) {
    this.#store = store;
    this.#clock = clock;
    this.#demoMerchantId = demoMerchantId;
  }

  /** Refuses with `unknown_processing_account` for a world that is not the merchant's. */
  payments(query: PaymentQuery, caller: Caller): Promise<Result<Page<Payment>>> {
    const { status } = query;
    return this.#page(query, caller, async (unit, scope, range) => {
      const rows = await unit.page("payment", narrowest(scope, query), range);
      return rows.map(({ record, sequence }) => {
        const matches = (status ?? record.status) === record.status && inTime(query, record.createTime);
        return { sequence, item: matches ? record : undefined };
      });
    });
  }

  /** Movements of money, as `payments` lists payments. */
  transactions(query: ListQuery, caller: Caller): Promise<Result<Page<Transaction>>> {
    return this.#page(query, caller, async (unit, scope, range) => {
      const rows = await unit.page("entry", scope, range);
      return rows.map(({ record, sequence }) => ({
        sequence,
        item: inTime(query, record.time) ? transactionOf(record) : undefined,
      }));
    });
  }

  transaction(id: string, caller: Caller): Promise<Result<Transaction>> {
    return this.#store.atomically(async (unit) => {
      const entry = await unit.get("entry", id);
      const merchantId = caller.merchantId ?? this.#demoMerchantId;
      const transaction = entry?.merchantId === merchantId ? transactionOf(entry) : undefined;
      return transaction === undefined ? refuse({ code: "not_found" }) : accept(transaction);
    });
  }

  /** The text that was answered to the request with this key: the stored answer, not the status of today. [docs] */
  replay(
    operation: KeyedOperation,
    { idempotencyKey, processingAccountId }: { idempotencyKey: string; processingAccountId?: string | undefined },
    caller: Caller,
  ): Promise<Result<string>> {
    return this.#store.atomically(async (unit) => {
      const scope = await this.#scope(unit, processingAccountId, caller);
      if (!scope.ok) return scope;
      const [newest] = await unit.page("replay", { ...scope.value, operation, idempotencyKey }, { limit: 1 });
      if (newest === undefined) return refuse({ code: "not_found" });
      const { clock } = await worldOf(unit, newest.record);
      const kept = newest.record.createTime + idempotencyKeyLifeMs > worldTime(clock, this.#clock.now());
      return kept ? accept(newest.record.body) : refuse({ code: "not_found" });
    });
  }

  #page<T>(
    { processingAccountId, limit, cursor }: ListQuery,
    caller: Caller,
    read: (
      unit: UnitOfWork,
      scope: Scope,
      range: { readonly limit: number; readonly before: number | undefined },
    ) => Promise<{ readonly sequence: number; readonly item: T | undefined }[]>,
  ): Promise<Result<Page<T>>> {
    return this.#store.atomically(async (unit) => {
      const scope = await this.#scope(unit, processingAccountId, caller);
      if (!scope.ok) return scope;
      const data: T[] = [];
      let end = cursor;
      const page = () => accept(end === undefined ? { data } : { data, end });
      for (let scanned = 0; scanned < scannedMax; ) {
        const rows = await read(unit, scope.value, { limit: limit + 1, before: end });
        for (const { sequence, item } of rows) {
          if (item !== undefined && data.length === limit) return page();
          if (item !== undefined) data.push(item);
          end = sequence;
        }
        if (rows.length <= limit) return accept({ data });
        scanned += rows.length;
      }
      return page();
    });
  }

  async #scope(unit: UnitOfWork, processingAccountId: string | undefined, caller: Caller): Promise<Result<Scope>> {
    const merchantId = caller.merchantId ?? this.#demoMerchantId;
    if (processingAccountId === undefined) return accept({ merchantId });
    const world = await unit.get("world", processingAccountId);
    if (world?.merchantId !== merchantId) return refuse({ code: "unknown_processing_account" });
    return accept({ processingAccountId });
  }
}

type Scope = { readonly merchantId: string } | { readonly processingAccountId: string };

/** The index that leaves the fewest payments to look at: a reference names about one, a status many. */
function narrowest(scope: Scope, { merchantReference, status }: PaymentQuery): By<"payment"> {
  if (merchantReference !== undefined) return { ...scope, merchantReference };
  return status === undefined ? scope : { ...scope, status };
}

function inTime({ fromTime, toTime }: ListQuery, time: number): boolean {
  return (fromTime === undefined || time >= fromTime) && (toTime === undefined || time < toTime);
}
