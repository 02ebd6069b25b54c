const redacted = "[redacted]";

/** Words by which secrets are known, as members of JSON or of a query. */
const word = "(?:secret|password|token|authorization|(?:private|hmac|api)[-_]?key)";
/** `d` is the private part of a JWK. */
const member = new RegExp(`("(?:d|[\\w-]*${word})"\\s*:\\s*)"(?:[^"\\\\]|\\\\.)*"?`, "gi");
const parameter = new RegExp(`([?&][\\w-]*${word}=)[^&#\\s]*`, "gi");

/** In a text, in JSON, and percent-encoded. */
const blank = "(?: |\\+|%20)";
const privateKey = new RegExp(`-----BEGIN${blank}(?:[A-Z]+${blank})?PRIVATE${blank}KEY-----[^"&]*`, "g");

const bearer = /\bBearer(?: |\+|%20)[\w.~+/=-]+/g;

/** Takes secrets out of a text that is kept or told: whoever sends one by mistake must not find it in a log. */
export function redactSecrets(text: string): string {
  return text
    .replace(privateKey, redacted)
    .replace(bearer, `Bearer ${redacted}`)
    .replace(member, `$1"${redacted}"`)
    .replace(parameter, `$1${redacted}`);
}

/** The same for every text that is a member of a record. */
export function withoutSecrets<T extends object>(record: T): T {
  const members = Object.entries(record);
  return Object.fromEntries(
    members.map(([name, value]) => [name, typeof value === "string" ? redactSecrets(value) : value]),
  ) as T;
}
