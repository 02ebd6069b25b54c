import type { PaymentReason, providerStatuses } from "../../domain/statuses.ts";

/** Origins of a statement about the API: `x-source` in the OpenAPI document, with its meaning. */
export const sources = {
  seed: "the provider's page on Alipay HK",
  docs: "another public page of the provider",
  plugin: "the provider's public plugin repository",
  wallet: "public pages of others about the AlipayHK wallet",
  ours: "this sandbox's decision, where public material is silent",
} as const;

export type Provenance = keyof typeof sources;

/** Origin of the name of each status. The transitions between them are [ours]. */
export const statusSources: Readonly<Record<(typeof providerStatuses)[number], Provenance>> = {
  pending: "seed",
  approved: "plugin",
  partially_captured: "plugin",
  captured: "plugin",
  partially_cancelled: "plugin",
  cancelled: "plugin",
  partially_refunded: "plugin",
  refunded: "plugin",
  failed: "plugin",
  aborted: "plugin",
  declined: "plugin",
  rejected: "plugin",
  unknown: "plugin",
};

/** Origin of each code in the `reason` of a payment. */
export const reasonSources: Readonly<Record<PaymentReason, Provenance>> = {
  required_next_step: "seed",
  insufficient_funds: "ours",
  limit_exceeded: "ours",
  risk_rejected: "ours",
  payment_declined: "ours",
  cancelled_by_consumer: "ours",
  expired: "ours",
  processing_error: "ours",
};

/**
 * The `meta` of a schema: its description and provenance in the OpenAPI document.
 * @param rules JSON Schema keywords for rules that the schema checks in code. They are added to the generated ones.
 */
export function marked(source: Provenance, description: string, rules: object = {}): Record<string, unknown> {
  return { "x-source": source, description, ...rules };
}
