export type { ConfigOptions, Limits } from "./config.ts";
export { ConfigError } from "./config.ts";
export type { ClockMove, Credentials, Sandbox, WorldHandle, WorldOptions } from "./handle.ts";
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
export type { Received, RequestToSign } from "./signing.ts";
export { signRequest, verifyResponse, verifyWebhook } from "./signing.ts";
