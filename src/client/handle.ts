import type { PayerWallet } from "../domain/payment.ts";
import type { ReturnPlan, ScenarioName } from "../domain/scenario.ts";
import type { CodeSettings } from "../domain/settings.ts";
import type { DeclineReason, PaymentStatus, RefundOutcome } from "../domain/statuses.ts";
import type { PaymentResource } from "../http/api/payment-resource.ts";
import type { RefundResource } from "../http/api/refunds.ts";
import type { ErrorResource } from "../http/api/refusals.ts";
import type { ClockMove } from "../http/control/clock.ts";
import type { NotificationView } from "../http/control/notifications.ts";
import type { ListedPayment, PaymentView } from "../http/control/payments.ts";
import type { RequestView } from "../http/control/requests.ts";
import type { CatalogueScenarioView, ScenarioSpec } from "../http/control/scenario-schema.ts";
import type { QueuedScenarioView } from "../http/control/scenarios.ts";
import type { Snapshot } from "../http/control/snapshots.ts";
import type { WebhookHandler } from "../platform/sender.ts";
import type { Act } from "../services/payments/payments.ts";
import type { Credentials, Page, PageOptions, RequestCount } from "./types.ts";

/** The error that the functions of a handle reject with. */
export class SandboxError extends Error {
  override readonly name = "SandboxError";
  /** A code of the control surface, or `unreachable` if no sandbox responds. */
  readonly code: string;
  /** The body of the refusal, with members like `present` and `nearest`; absent if no sandbox responded. */
  readonly details: (ErrorResource & Readonly<Record<string, unknown>>) | undefined;

  constructor(code: string, message: string, details?: SandboxError["details"], options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.details = details;
  }
}

/** Options of a wait. */
export interface WaitOptions {
  /** Timeout, in milliseconds of real time; 5,000 by default, at most 60,000. */
  readonly timeoutMs?: number;
}

type RemovableSetting = "webhookUrl" | "merchantLogo" | "contract";

/** Changed settings, as code spells them. `null` removes the endpoint, the logo or all rules of the contract. */
export type SettingChanges = Partial<Omit<CodeSettings, RemovableSetting>> & {
  readonly [N in RemovableSetting]?: CodeSettings[N] | null | undefined;
};

/** The clock of one world. */
export interface ClockHandle {
  /** The world's time, RFC 3339. */
  now(): Promise<string>;
  /** Advances the clock by an ISO 8601 duration or to an instant, and runs all tasks that become due. */
  advance(target: string | { readonly to: string }): Promise<ClockMove>;
  /** Freezes the clock, now or at a later instant. */
  freeze(at?: string): Promise<ClockMove>;
  /** Lets the clock run from its current time. */
  run(): Promise<ClockMove>;
}

/** Scenarios for the next requests. */
export interface ScenariosHandle {
  /**
   * Appends a scenario to the queue.
   * @param options `times` is the number of requests that it applies to; 1 by default.
   * @returns the queue.
   */
  next(scenario: ScenarioName | ScenarioSpec, options?: { readonly times?: number }): Promise<QueuedScenarioView[]>;
  /** The queued scenarios, in order. */
  queue(): Promise<QueuedScenarioView[]>;
  /** Clears the queue. */
  clear(): Promise<void>;
  /** All named scenarios. */
  catalogue(): Promise<CatalogueScenarioView[]>;
}

/** Options of an action. */
export interface ActDetails {
  /** Why the wallet declines. */
  readonly reason?: DeclineReason;
  /** The payer's wallet. */
  readonly wallet?: PayerWallet;
  /** How the browser's return to the merchant fails. */
  readonly return?: ReturnPlan;
}

/** Reads payments, and acts for payers and the provider. Ids are those of `/v1`, of any world. */
export interface PaymentsHandle {
  /** Does what a button of the pages does. @param details the reason of a decline, or all options. */
  act(id: string, action: Act, details?: DeclineReason | ActDetails): Promise<PaymentResource>;
  get(id: string): Promise<PaymentView>;
  list(
    query?: PageOptions & { readonly status?: PaymentStatus; readonly merchantReference?: string },
  ): Promise<Page<ListedPayment>>;
  /** Waits until the payment has the status. Rejects with `not_reached` after the timeout, or if it no longer can. */
  waitFor(id: string, status: PaymentStatus, options?: WaitOptions): Promise<PaymentView>;
  /** Starts a refund at the provider. @param refund `amount` in major HKD; by default all that is left. */
  refund(
    id: string,
    refund?: { readonly amount?: number; readonly merchantReference?: string },
  ): Promise<RefundResource>;
}

/** Conditions on a notification. All given members must match. */
export interface NotificationMatch {
  readonly type?: NotificationView["type"];
  /** Status of the payment or refund in the body. */
  readonly status?: PaymentStatus | RefundResource["status"];
  readonly paymentId?: string;
  readonly refundId?: string;
  readonly merchantReference?: string;
}

/** Notifications to the merchant's endpoint. */
export interface NotificationsHandle {
  list(
    query?: PageOptions & { readonly paymentId?: string; readonly state?: NotificationView["state"] },
  ): Promise<Page<NotificationView>>;
  get(id: string): Promise<NotificationView>;
  /**
   * Waits for a matching notification whose first attempt has ended, or for which none will be made. Rejects with
   * `not_reached` after the timeout.
   */
  waitFor(match: NotificationMatch, options?: WaitOptions): Promise<NotificationView>;
  /** Makes an extra attempt with the same body and a new signature. */
  resend(id: string): Promise<NotificationView>;
}

/** Requests to the provider's API. */
export interface RequestsHandle {
  list(query?: PageOptions): Promise<Page<RequestView>>;
  /** Counts matching requests. Rejects with `not_matched`; its `details` have the nearest requests. */
  verify(count: RequestCount): Promise<{ readonly count: number }>;
}

/** The keys that the provider signs with. `credentials` has the current ones. */
export interface KeysHandle {
  /**
   * Adds an HMAC key. The older keys sign too until the overlap ends, an ISO 8601 duration like PT1H: of world time, or
   * of real time for a merchant with several worlds.
   */
  rotate(options?: { readonly overlap?: string }): Promise<Credentials>;
  /** Retires an HMAC key now. */
  retire(hmacKid: string): Promise<Credentials>;
}

/**
 * Controls one world. Each function is a route of `/_sandbox`, in process and over HTTP, and rejects with
 * `SandboxError` if it is refused. Disposal removes the world.
 */
export interface WorldHandle extends AsyncDisposable {
  readonly processingAccountId: string;
  /** The keys and ids of its merchant. */
  readonly credentials: Credentials;
  readonly clock: ClockHandle;
  readonly scenarios: ScenariosHandle;
  readonly payments: PaymentsHandle;
  readonly refunds: {
    /** Completes or fails a pending refund. */
    act(id: string, action: RefundOutcome): Promise<RefundResource>;
  };
  readonly notifications: NotificationsHandle;
  readonly requests: RequestsHandle;
  readonly keys: KeysHandle;
  /** The world's settings as code spells them. */
  settings(): Promise<CodeSettings>;
  /** Changes settings, and returns all of them. */
  change(settings: SettingChanges): Promise<CodeSettings>;
  /** The world as one JSON document. */
  snapshot(): Promise<Snapshot>;
  /**
   * Restores a world from a snapshot: ids, times and due tasks. The snapshot names the world.
   * @param options `webhookUrl`: `keep` the endpoint that the world has now, the default; `restore` that of the
   * snapshot; or a URL.
   */
  restore(snapshot: Snapshot, options?: RestoreOptions): Promise<void>;
  /** Resolves when no task is due at the current time and no delivery is in flight. */
  settle(): Promise<void>;
  /** Resets the world. The handle of a sandbox resets everything, and removes all other worlds. */
  reset(): Promise<void>;
  /** Removes the world with all its records. Rejects with `action_not_allowed` for the demo world. */
  remove(): Promise<void>;
  /**
   * Sends a request to the provider's API, signed with the merchant's key. Rejects with `invalid_request` if the
   * sandbox does not have the private key.
   * @param path path and query, such as `/v1/payments?limit=5`.
   * @param body sent as JSON; a text is sent as it is.
   */
  request(method: string, path: string, body?: object | string): Promise<Response>;
  /**
   * Sends a request to the sandbox as it is given, without a signature; in process it needs no port. A path like
   * `/v1/payments` is enough.
   */
  fetch(request: Request | URL | string, init?: RequestInit): Promise<Response>;
}

/** Options of a restore. */
export interface RestoreOptions {
  /** The endpoint of the restored world: `keep` by default, `restore`, or a URL. */
  readonly webhookUrl?: "keep" | "restore" | (string & {}) | undefined;
}

/** Options of a new world. */
export interface WorldOptions {
  readonly processingAccountId?: string | undefined;
  /** Name of the merchant. Overrides `settings.merchantName`. */
  readonly merchantName?: string | undefined;
  /** Override the settings of the sandbox. */
  readonly settings?: Partial<CodeSettings> | undefined;
  /** `running`, or the instant of a frozen clock; by default that of the sandbox. */
  readonly clock?: string | undefined;
  /**
   * Endpoint of the notifications: a URL, or a function of this process. Overrides `settings.webhookUrl`.
   */
  readonly webhook?: string | WebhookHandler | undefined;
}

/** A sandbox in this process or elsewhere; it is also the handle of its demo world. */
export interface ConnectedSandbox extends WorldHandle {
  /** Opens an independent world with its own merchant and clock, for example for each test. */
  world(options?: WorldOptions): Promise<WorldHandle>;
  /** Releases the resources of the handle; a connected server keeps running. Disposal does the same. */
  close(): Promise<void>;
}

/** A sandbox in this process. Two sandboxes are independent. */
export interface Sandbox extends ConnectedSandbox {
  /**
   * Opens a port and returns the base of the sandbox's URLs. By default a free port on 127.0.0.1. Rejects with the
   * system's error if the port is not available, and with `ConfigError` off loopback without an admin token.
   */
  listen(at?: { readonly port?: number; readonly host?: string }): Promise<string>;
  /** Closes the port, ends deliveries, and releases all resources. */
  close(): Promise<void>;
}
