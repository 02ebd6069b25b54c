import { fromStored, toStored } from "../../domain/stored-names.ts";

/** Marks what follows as written in another way. */
const mark = "\ue000";
const unwritable = /[\ue000\0]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;
const written = /\ue000([0-9a-f]{4})/g;

/** Writes a text so that the database takes it, which refuses the character zero and halves of characters. */
export function encodeText(text: string): string {
  return text.replace(unwritable, (character) => mark + character.charCodeAt(0).toString(16).padStart(4, "0"));
}

/** Reads a text that was written so. */
export function decodeText(text: string): string {
  return text.replace(written, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)));
}

/** A record as the database keeps it. */
export function encodeRecord(kind: string, record: object): string {
  return JSON.stringify(toStored(kind, record), (_, value: unknown) =>
    typeof value === "string" ? encodeText(value) : value,
  );
}

/** A record as it was saved. */
export function decodeRecord(kind: string, stored: object): object {
  return fromStored(kind, decodeValue(stored) as object);
}

function decodeValue(value: unknown): unknown {
  if (typeof value === "string") return value.includes(mark) ? decodeText(value) : value;
  if (Array.isArray(value)) return value.map(decodeValue);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, decodeValue(inner)]));
}
