import type { PayerWallet } from "../domain/payment.ts";
import type { ReturnPlan, ScenarioName } from "../domain/scenario.ts";
import type { CodeSettings } from "../domain/settings.ts";
import type { DeclineReason, PaymentStatus, RefundOutcome } from "../domain/statuses.ts";
import type { PaymentResource, RefundResource } from "../http/api/present.ts";
import type { ErrorResource } from "../http/api/refusals.ts";
import type { WebhookHandler } from "../platform/sender.ts";
import type { Act } from "../services/payments/payments.ts";
import type {
  CatalogueScenarioView,
  ClockMove,
  Credentials,
  ListedPayment,
  NotificationView,
  Page,
  PageOptions,
  PaymentView,
  QueuedScenarioView,
  RequestCount,
  RequestView,
  ScenarioSpec,
  Snapshot,
} from "./types.ts";

/** What the handle refuses with. */
export class SandboxError extends Error {
  override readonly name = "SandboxError";
  /** One of the control surface's codes; `unreachable` where no sandbox answers. */
  readonly code: string;
  /** The whole body of the refusal, where the sandbox answered with one: `present`, `nearest` and the like stand there. */
  readonly details: (ErrorResource & Readonly<Record<string, unknown>>) | undefined;

  constructor(code: string, message: string, details?: SandboxError["details"], options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.details = details;
  }
}

/** How long to wait, in milliseconds of real time, 60,000 at most; 5,000 where nothing is said. */
export interface WaitOptions {
  readonly timeoutMs?: number;
}

/** What is to be changed: settings as code spells them. `webhookUrl: null` takes the endpoint away. */
export type SettingChanges = Partial<Omit<CodeSettings, "webhookUrl">> & {
  readonly webhookUrl?: string | null | undefined;
};

/** The clock of one world. */
export interface ClockHandle {
  /** The world's time, RFC 3339. */
  now(): Promise<string>;
  /** Moves the clock forward by an ISO 8601 duration or to an instant, and runs what falls due on the way. */
  advance(target: string | { readonly to: string }): Promise<ClockMove>;
  /** Stops the clock, where it is or at an instant ahead. */
  freeze(at?: string): Promise<ClockMove>;
  /** Lets the clock go on from where it stands. */
  run(): Promise<ClockMove>;
}

/** What is to happen to the requests that come next. */
export interface ScenariosHandle {
  /** Puts a scenario at the end of the queue, for so many requests (one where nothing is said). @returns the queue. */
  next(scenario: ScenarioName | ScenarioSpec, options?: { readonly times?: number }): Promise<QueuedScenarioView[]>;
  /** The scenarios that wait, in order. */
  queue(): Promise<QueuedScenarioView[]>;
  /** Empties the queue. */
  clear(): Promise<void>;
  /** Every scenario that has a name. */
  catalogue(): Promise<CatalogueScenarioView[]>;
}

/** What more can be said of an act. */
export interface ActDetails {
  /** Why the wallet declines. */
  readonly reason?: DeclineReason;
  /** Whose wallet the payer has. */
  readonly wallet?: PayerWallet;
  /** What goes wrong with the browser's way back to the merchant. */
  readonly return?: ReturnPlan;
}

/** Payments: looking at them, and what payers and the provider do. Ids are those of `/v1`, of whatever world. */
export interface PaymentsHandle {
  /** Does what a button of the pages does. @param details why the wallet declines, or that and how the payer goes about it. */
  act(id: string, action: Act, details?: DeclineReason | ActDetails): Promise<PaymentResource>;
  get(id: string): Promise<PaymentView>;
  list(
    query?: PageOptions & { readonly status?: PaymentStatus; readonly merchantReference?: string },
  ): Promise<Page<ListedPayment>>;
  /** Waits until it stands so; `not_reached` where it does not come to that in time, or cannot any more. */
  waitFor(id: string, status: PaymentStatus, options?: WaitOptions): Promise<PaymentView>;
  /** Starts a refund at the provider: of an amount in major HKD, else of all that is left. */
  refund(
    id: string,
    refund?: { readonly amount?: number; readonly merchantReference?: string },
  ): Promise<RefundResource>;
}

/** Which notification is waited for: every member that is there must fit. */
export interface NotificationMatch {
  readonly type?: NotificationView["type"];
  /** That of the payment or refund in its body. */
  readonly status?: PaymentStatus | RefundResource["status"];
  readonly paymentId?: string;
  readonly refundId?: string;
  readonly merchantReference?: string;
}

/** What the merchant's endpoint is told. */
export interface NotificationsHandle {
  list(
    query?: PageOptions & { readonly paymentId?: string; readonly state?: NotificationView["state"] },
  ): Promise<Page<NotificationView>>;
  get(id: string): Promise<NotificationView>;
  /**
   * Waits for one that fits, until its first attempt has ended or it is clear that none will be made; `not_reached` where
   * there is none in time.
   */
  waitFor(match: NotificationMatch, options?: WaitOptions): Promise<NotificationView>;
  /** Makes an extra attempt: the same body, signed afresh. */
  resend(id: string): Promise<NotificationView>;
}

/** What came in on the provider's API. */
export interface RequestsHandle {
  list(query?: PageOptions): Promise<Page<RequestView>>;
  /** Counts the requests that fit. Rejects with `not_matched`, the nearest misses in its `details`. */
  verify(count: RequestCount): Promise<{ readonly count: number }>;
}

/** The keys that the provider signs with. What they come to is in `credentials`. */
export interface KeysHandle {
  /** Makes a new HMAC key. The older ones sign too until the overlap, an ISO 8601 duration of world time, has passed: PT1H. */
  rotate(options?: { readonly overlap?: string }): Promise<Credentials>;
  /** Ends an HMAC key now. */
  retire(hmacKid: string): Promise<Credentials>;
}

/**
 * What a test does to one world. Each function is a route of `/_sandbox`, in process as over HTTP, and rejects with
 * `SandboxError` where it is refused. Disposing of it removes the world.
 */
export interface WorldHandle extends AsyncDisposable {
  readonly processingAccountId: string;
  /** The keys and ids of its merchant. */
  readonly credentials: Credentials;
  readonly clock: ClockHandle;
  readonly scenarios: ScenariosHandle;
  readonly payments: PaymentsHandle;
  readonly refunds: {
    /** Decides a refund that is pending. */
    act(id: string, action: RefundOutcome): Promise<RefundResource>;
  };
  readonly notifications: NotificationsHandle;
  readonly requests: RequestsHandle;
  readonly keys: KeysHandle;
  /** The world's settings as code spells them. */
  settings(): Promise<CodeSettings>;
  /** Changes some of them, and returns all. */
  change(settings: SettingChanges): Promise<CodeSettings>;
  /** The world as one JSON document. */
  snapshot(): Promise<Snapshot>;
  /** Puts a world back as a snapshot has it: ids, times and due tasks. The snapshot says which world. */
  restore(snapshot: Snapshot): Promise<void>;
  /** Returns when nothing is due at the present time and no delivery is under way. */
  settle(): Promise<void>;
  /** Puts the world back to the start; a sandbox puts everything there, and removes the other worlds. */
  reset(): Promise<void>;
  /** Removes the world with all that is in it. The demo world stays: `action_not_allowed`. */
  remove(): Promise<void>;
  /** Sends a request to the sandbox, with no port in process. A path alone, like `/v1/payments`, is enough. */
  fetch(request: Request | URL | string, init?: RequestInit): Promise<Response>;
}

/** What a world of a test's own can be told. */
export interface WorldOptions {
  readonly processingAccountId?: string | undefined;
  /** Over the settings of the sandbox. */
  readonly settings?: Partial<CodeSettings> | undefined;
  /** `running`, or the instant to stand at; that of the sandbox if nothing is said. */
  readonly clock?: string | undefined;
  /**
   * Where its notifications go: a URL, or a function of this process, which a sandbox on another server cannot call.
   * Over `settings.webhookUrl`.
   */
  readonly webhook?: string | WebhookHandler | undefined;
}

/** A sandbox wherever it is; it is also the handle of its demo world. */
export interface ConnectedSandbox extends WorldHandle {
  /** Opens a world with a merchant and a clock of its own, which shares nothing with any other: one for each test. */
  world(options?: WorldOptions): Promise<WorldHandle>;
  /** Frees what the handle holds; a server that was connected to goes on. Disposing is the same. */
  close(): Promise<void>;
}

/** A sandbox of one's own, in this process. Two of them never meet. */
export interface Sandbox extends ConnectedSandbox {
  /**
   * Opens a port, on 127.0.0.1 and any free one if nothing is said, and returns the base of its URLs. Rejects with the
   * system's error where the port cannot be had, and with `ConfigError` off loopback without an admin token.
   */
  listen(at?: { readonly port?: number; readonly host?: string }): Promise<string>;
  /** Closes the port, ends deliveries, and frees everything. */
  close(): Promise<void>;
}
