export type JsonObject = Readonly<Record<string, unknown>>;

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The member at a path such as `reason.code`; `undefined` if there is none. */
export function memberAt(value: unknown, path: string): unknown {
  return path
    .split(".")
    .reduce<unknown>((node, name) => (isJsonObject(node) && Object.hasOwn(node, name) ? node[name] : undefined), value);
}
