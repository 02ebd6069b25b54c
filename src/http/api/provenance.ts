/** Where a statement about the API comes from, as `x-source` in the OpenAPI document has it, and in words. */
export const sources = {
  seed: "the provider's page on Alipay HK",
  docs: "another public page of the provider",
  plugin: "the provider's public plugin repository",
  wallet: "public pages of others about the AlipayHK wallet",
  ours: "this sandbox's decision, where public material is silent",
} as const;

export type Provenance = keyof typeof sources;

/**
 * What the OpenAPI document says of a schema, for its `meta`.
 * @param rules what JSON Schema can say of rules that the schema checks in code; they add to what the library writes.
 */
export function marked(source: Provenance, description: string, rules: object = {}): Record<string, unknown> {
  return { "x-source": source, description, ...rules };
}
