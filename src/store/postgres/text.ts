import { fromStored, toStored } from "../../domain/stored-names.ts";

/** Precedes the four hexadecimal digits of an encoded character. */
const mark = "\ue000";
const notStorable = /[\ue000\0]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;
const encoded = /\ue000([0-9a-f]{4})/g;

/** Encodes U+0000 and lone surrogates, which PostgreSQL rejects. */
export function encodeText(text: string): string {
  return text.replace(notStorable, (character) => mark + character.charCodeAt(0).toString(16).padStart(4, "0"));
}

/** Reverses `encodeText`. */
export function decodeText(text: string): string {
  return text.replace(encoded, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)));
}

/** Returns a record as JSON for the database. */
export function encodeRecord(kind: string, record: object): string {
  const stored = toStored(kind, record);
  const json = JSON.stringify(stored);
  // JSON escapes the characters that PostgreSQL rejects, and few others.
  if (!json.includes("\\u") && !json.includes(mark)) return json;
  return JSON.stringify(stored, (_, value: unknown) => (typeof value === "string" ? encodeText(value) : value));
}

/** Reverses `encodeRecord`. */
export function decodeRecord(kind: string, json: string): object {
  const stored = JSON.parse(json) as object;
  return fromStored(kind, json.includes(mark) ? (decodeValue(stored) as object) : stored);
}

function decodeValue(value: unknown): unknown {
  if (typeof value === "string") return value.includes(mark) ? decodeText(value) : value;
  if (Array.isArray(value)) return value.map(decodeValue);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, decodeValue(inner)]));
}
