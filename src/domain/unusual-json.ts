/** Member that `unusualJson` adds. The provider does not document it. */
export const unknownMember = "unknownMember";

const unknownValue = "Ignore members that you do not know, as in this café.";

/**
 * Writes the body of a notification as other JSON with the same meaning: other white space, members in another order,
 * amounts with two decimals, escapes in texts, and a member that no receiver knows. [ours]
 */
export function unusualJson(body: string): string {
  const members = JSON.parse(body) as Record<string, unknown>;
  return `${write({ ...members, [unknownMember]: unknownValue })}\n`;
}

function write(value: unknown): string {
  if (typeof value === "number") return value.toFixed(2);
  if (typeof value === "string") return writeText(value);
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const members = Object.entries(value)
    .reverse()
    .map(([name, member]) => `${writeText(name)} : ${write(member)}`);
  return `{\n\t${members.join(",\n\t")} }`;
}

function writeText(text: string): string {
  return JSON.stringify(text)
    .replaceAll("/", "\\/")
    .replace(/[^ -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
