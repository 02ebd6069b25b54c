import "./supported-node.ts";

export type { ConnectOptions } from "./client/connect.ts";
export { connectSandbox } from "./client/connect.ts";
export type {
  ActDetails,
  ClockHandle,
  ConnectedSandbox,
  KeysHandle,
  NotificationMatch,
  NotificationsHandle,
  PaymentsHandle,
  RequestsHandle,
  Sandbox,
  ScenariosHandle,
  SettingChanges,
  WaitOptions,
  WorldHandle,
  WorldOptions,
} from "./client/handle.ts";
export { SandboxError } from "./client/handle.ts";
export type { Received, RequestToSign } from "./client/signing.ts";
export { signRequest, verifyResponse, verifyWebhook } from "./client/signing.ts";
export type { Credentials, Page, PageOptions, RequestCount } from "./client/types.ts";
export type { ConfigOptions, Limits } from "./config/config.ts";
export { ConfigError } from "./config/config.ts";
export type { ScenarioName } from "./domain/scenario.ts";
export type { CodeSettings } from "./domain/settings.ts";
export type { AmountResource } from "./http/api/fields.ts";
export type { NotificationResource } from "./http/api/notifications.ts";
export type { PaymentResource, TrackedPaymentResource } from "./http/api/payment-resource.ts";
export type { ReasonResource, RefundResource, TrackedRefundResource } from "./http/api/refunds.ts";
export type { ErrorResource } from "./http/api/refusals.ts";
export type { ClockMove } from "./http/control/clock.ts";
export type { AttemptView, NotificationView } from "./http/control/notifications.ts";
export type { LedgerEntryView, ListedPayment, PaymentView } from "./http/control/payments.ts";
export type { RequestView } from "./http/control/requests.ts";
export type {
  CatalogueScenarioView,
  PaymentScenario,
  ReadScenario,
  RefundPlanSpec,
  RefundScenario,
  ScenarioSpec,
} from "./http/control/scenario-schema.ts";
export type { QueuedScenarioView } from "./http/control/scenarios.ts";
export type { Snapshot } from "./http/control/snapshots.ts";
export type { TimelineLine } from "./http/control/timeline.ts";
export type { WebhookHandler } from "./platform/sender.ts";
export type { SandboxOptions } from "./sandbox/sandbox.ts";
export { createSandbox, withSandbox } from "./sandbox/sandbox.ts";
export type { RequestMatch } from "./services/observing/request-match.ts";
