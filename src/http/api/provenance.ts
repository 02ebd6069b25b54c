/** Origins of a statement about the API: `x-source` in the OpenAPI document, with its meaning. */
export const sources = {
  seed: "the provider's page on Alipay HK",
  docs: "another public page of the provider",
  plugin: "the provider's public plugin repository",
  wallet: "public pages of others about the AlipayHK wallet",
  ours: "this sandbox's decision, where public material is silent",
} as const;

export type Provenance = keyof typeof sources;

/**
 * The `meta` of a schema: its description and provenance in the OpenAPI document.
 * @param rules JSON Schema keywords for rules that the schema checks in code. They are added to the generated ones.
 */
export function marked(source: Provenance, description: string, rules: object = {}): Record<string, unknown> {
  return { "x-source": source, description, ...rules };
}
