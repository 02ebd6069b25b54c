const redacted = "[redacted]";

/** Names of secrets, as members of JSON or parameters of a query. */
const secretName = "(?:secret|password|token|authorization|(?:private|hmac|api)[-_]?key)";
/** `d` is the private part of a JWK. */
const jsonMember = new RegExp(`("(?:d|[\\w-]*${secretName})"\\s*:\\s*)"(?:[^"\\\\]|\\\\.)*"?`, "gi");
const queryParameter = new RegExp(`([?&][\\w-]*${secretName}=)[^&#\\s]*`, "gi");

/** A space in a text, in JSON or percent-encoded. */
const space = "(?: |\\+|%20)";
const privateKey = new RegExp(`-----BEGIN${space}(?:[A-Z]+${space})?PRIVATE${space}KEY-----[^"&]*`, "g");

const bearer = /\bBearer(?: |\+|%20)[\w.~+/=-]+/g;

/** Matches every text that one of the patterns above matches, and is faster than they are. */
const anySecret = /secret|password|token|authorization|key|bearer|"d"/i;

/** Removes secrets from a text that is stored or logged: a client may send one by mistake. */
export function redactSecrets(text: string): string {
  if (!anySecret.test(text)) return text;
  return text
    .replace(privateKey, redacted)
    .replace(bearer, `Bearer ${redacted}`)
    .replace(jsonMember, `$1"${redacted}"`)
    .replace(queryParameter, `$1${redacted}`);
}

/** A detached JWS with a JSON object as header, and a signature that is longer than a shared secret. */
const asymmetricJws = /^(eyJ[\w+/=-]+)\.\.[\w+/=-]{86,}$/;

/**
 * Returns a wrong `X-Signature` for the log: as received if it is like an ES256 signature. Any other text may be a key
 * or a token, and becomes `redacted`.
 */
export function wrongSignatureForLog(signature: string): string {
  const [, header] = asymmetricJws.exec(signature) ?? [];
  if (header === undefined) return "redacted";
  const text = Buffer.from(header, "base64url").toString("utf8");
  return redactSecrets(text) === text ? signature : "redacted";
}

/** Removes secrets from every text member of a record. */
export function withoutSecrets<T extends object>(record: T): T {
  const members = Object.entries(record);
  return Object.fromEntries(
    members.map(([name, value]) => [name, typeof value === "string" ? redactSecrets(value) : value]),
  ) as T;
}
