export type { ConfigOptions, Limits } from "./config.ts";
export { ConfigError } from "./config.ts";
export type { ScenarioName } from "./domain/scenario.ts";
export type { CodeSettings } from "./domain/settings.ts";
export type { ConnectOptions } from "./handle/connect.ts";
export { connectSandbox } from "./handle/connect.ts";
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
} from "./handle/shapes.ts";
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
} from "./handle.ts";
export { SandboxError } from "./handle.ts";
export type {
  AmountResource,
  NotificationResource,
  PaymentResource,
  ReasonResource,
  RefundResource,
  TrackedPaymentResource,
  TrackedRefundResource,
} from "./http/api/present.ts";
export type { ErrorResource } from "./http/api/reasons.ts";
export type { WebhookHandler } from "./platform/sender.ts";
export type { SandboxOptions } from "./sandbox.ts";
export { createSandbox, withSandbox } from "./sandbox.ts";
export type { RequestMatch } from "./services/request-match.ts";
export type { Received, RequestToSign } from "./signing.ts";
export { signRequest, verifyResponse, verifyWebhook } from "./signing.ts";
