import type { HmacKey } from "../domain/merchant.ts";
import { replayId } from "../domain/replay.ts";
import type { SignedParts } from "../security/request-signature.ts";
import type { Store, UnitOfWork } from "../store/store.ts";
import type { PlacedRequest, RequestLog } from "./observing/request-log.ts";
import type { Authentication, Signatures } from "./signatures.ts";

export type { UnitOfWork } from "../store/store.ts";

/** A request of the provider's API as it was received. */
export interface ReceivedRequest {
  /** `X-Signature`; `undefined` without the header. */
  readonly signature: string | undefined;
  readonly parts: SignedParts;
  /** The world that the body names. */
  readonly account: string | undefined;
  /** Real time of its arrival, in milliseconds. */
  readonly time: number;
}

/** The result of the work of a request. */
export interface WorkResult {
  /** The payment of the response, if the path does not name it. The number of its events is there if it is known. */
  readonly about?: { readonly paymentId: string; readonly eventCount?: number | undefined } | undefined;
}

/** Does the work of a request whose caller is known. It may run again, like every unit of work. */
export type RequestWork<T extends WorkResult> = (unit: UnitOfWork, authentication: Authentication) => Promise<T>;

/** The end of a request: its result, and what its response and its log entry need. */
export interface DecidedRequest<T> {
  readonly result: T;
  readonly authentication: Authentication;
  /** The keys that sign the response. */
  readonly keys: readonly HmacKey[];
  readonly place: PlacedRequest;
}

/** Runs each request of the provider's API in one unit of work: authentication, work, and the keys of its response. */
export class ApiRequests {
  readonly #store: Store;
  readonly #signatures: Signatures;
  readonly #log: RequestLog;

  constructor(store: Store, signatures: Signatures, log: RequestLog) {
    this.#store = store;
    this.#signatures = signatures;
    this.#log = log;
  }

  /** Runs the work of a request after its authentication, and commits both. */
  async run<T extends WorkResult>(
    { signature, parts, account, time }: ReceivedRequest,
    work: RequestWork<T>,
  ): Promise<DecidedRequest<T>> {
    const decided = await this.#store.atomically(
      async (unit) => {
        const authenticating = this.#signatures.authenticate(unit, signature, parts, account);
        const authentication = await this.#with(authenticating, () =>
          this.#readForCreation(unit, { signature, parts, account }),
        );
        const { merchantId, logWorlds, named, paymentId } = authentication;
        const result = await this.#with(work(unit, authentication), () =>
          Promise.all([this.#signatures.keysIn(unit, merchantId), readForPayment(unit, authentication)]),
        );
        const keys = await this.#signatures.keysIn(unit, merchantId);
        const { about = { paymentId } } = result;
        const place = await this.#log.placeIn(unit, named ?? logWorlds, { time, ...about });
        return { result, authentication, keys, place };
      },
      account === undefined ? {} : { world: account },
    );
    const { authentication } = decided;
    if (authentication.verdict !== "wrong") return decided;
    return { ...decided, authentication: await this.#signatures.explain(authentication, signature, parts) };
  }

  /** A step. A shared store reads at the same time what later steps need, in the same round trip. */
  #with<T>(step: Promise<T>, readAhead: () => Promise<unknown>): Promise<T> {
    return this.#store.shared ? Promise.all([step, readAhead()]).then(([value]) => value) : step;
  }

  /** Reads what the creation of a payment needs. */
  async #readForCreation(
    unit: UnitOfWork,
    { signature, parts: { method, target }, account }: Omit<ReceivedRequest, "time">,
  ): Promise<void> {
    const [path, query] = target.split("?", 2);
    if (method !== "POST" || path !== "/v1/payments" || account === undefined) return;
    const key = new URLSearchParams(query).get("idempotencyKey");
    await Promise.all([
      unit.get("merchant", this.#signatures.lastKnownMerchant(signature)),
      unit.list("queued", { processingAccountId: account }),
      key === null ? undefined : unit.get("replay", replayId(account, "payments", key)),
    ]);
  }
}

/** Reads what most requests about a payment need. */
async function readForPayment(unit: UnitOfWork, { paymentId, logWorlds }: Authentication): Promise<void> {
  const [processingAccountId] = logWorlds;
  if (paymentId === undefined || processingAccountId === undefined) return;
  await Promise.all([unit.list("task", { paymentId }), unit.list("queued", { processingAccountId })]);
}
