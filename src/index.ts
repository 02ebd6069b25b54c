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
export type {
  AttemptView,
  CatalogueScenarioView,
  ClockMove,
  Credentials,
  LedgerEntryView,
  ListedPayment,
  NotificationView,
  Page,
  PageOptions,
  PaymentScenario,
  PaymentView,
  QueuedScenarioView,
  ReadScenario,
  RefundPlanSpec,
  RefundScenario,
  RequestCount,
  RequestView,
  ScenarioSpec,
  Snapshot,
  TimelineLine,
} from "./client/types.ts";
export type { ConfigOptions, Limits } from "./config/config.ts";
export { ConfigError } from "./config/config.ts";
export type { ScenarioName } from "./domain/scenario.ts";
export type { CodeSettings } from "./domain/settings.ts";
export type {
  AmountResource,
  NotificationResource,
  PaymentResource,
  ReasonResource,
  RefundResource,
  TrackedPaymentResource,
  TrackedRefundResource,
} from "./http/api/present.ts";
export type { ErrorResource } from "./http/api/refusals.ts";
export type { WebhookHandler } from "./platform/sender.ts";
export type { SandboxOptions } from "./sandbox/sandbox.ts";
export { createSandbox, withSandbox } from "./sandbox/sandbox.ts";
export type { RequestMatch } from "./services/observing/request-match.ts";
