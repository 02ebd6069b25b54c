import { z } from "zod";
import { isKsuid } from "../domain/ksuid.ts";
import { allowedLogos, describeLogo, logoParts } from "../domain/logo.ts";
import { scopes } from "../domain/merchant.ts";
import type { MerchantOption } from "../domain/merchant-option.ts";
import { ConfigError } from "./config-error.ts";

/** Here the message of an error is what is allowed; it completes "expected". */
const text = (allowed: string) => z.string(allowed).min(1, allowed);
const anyText = "a text that is not empty";
const accounts = "a list of at least one KSUID";
const isLogo = (text: string) => logoParts(text) !== undefined;
const publicKey = "a public key on the curve P-256, as PEM (SPKI) or JWK";

function members<T extends z.ZodRawShape>(shape: T) {
  const names = Object.keys(shape).join(", ");
  return z.strictObject(shape, {
    error: ({ code }) => (code === "unrecognized_keys" ? `one of ${names}` : "an object"),
  });
}

/** Built only for merchants that are given, so that a sandbox starts faster. */
export function merchantsSchema(): z.ZodType<readonly MerchantOption[]> {
  const ksuid = z.string("a KSUID").refine(isKsuid, "a KSUID");
  const credential = members({
    kid: ksuid.optional(),
    publicKey: z.union([text(publicKey), z.record(z.string(), z.unknown())], publicKey),
    scopes: z.array(z.enum(scopes, scopes.join(" or ")), `a list of ${scopes.join(", ")}`).optional(),
  });
  const merchant = members({
    merchantId: text(anyText).refine((id) => id !== "demo", "another name: demo is the demo merchant"),
    processingAccountIds: z.tuple([ksuid], ksuid, accounts),
    merchantName: text(anyText).optional(),
    credentials: z.array(credential, "a list of credentials").optional(),
    merchantLogo: z.string(allowedLogos).refine(isLogo, allowedLogos).optional(),
  });
  return z.array(merchant, "a list of merchants");
}

/** Reads merchants as code and files spell them. Throws `ConfigError`. @param file the file's name, for the error. */
export function readMerchants(merchants: unknown, file?: string): readonly MerchantOption[] {
  const parsed = merchantsSchema().safeParse(merchants);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const [unknown] = issue?.code === "unrecognized_keys" ? issue.keys : [];
  const path = [...(issue?.path ?? []), ...(unknown === undefined ? [] : [unknown])];
  const name = path.reduce<string>(
    (prefix, key) => (typeof key === "number" ? `${prefix}[${key}]` : `${prefix}.${String(key)}`),
    "merchants",
  );
  const subject = file === undefined ? `The option ${name}` : `${name} in ${file}`;
  const problem = unknown === undefined ? valueAt(merchants, path) : "unknown";
  throw new ConfigError(`${subject} is ${problem}; expected ${issue?.message}.`);
}

/** The value at a path, in words. A key is never shown: it may be a private one. */
function valueAt(root: unknown, path: readonly PropertyKey[]): string {
  const value = path.reduce((parent, key) => (parent as Record<PropertyKey, unknown> | undefined)?.[key], root);
  if (value === undefined) return "missing";
  if (path.at(-1) === "publicKey") return '"…"';
  if (path.at(-1) === "merchantLogo") return describeLogo(value);
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  return Array.isArray(value) ? `a list of ${value.length}` : "an object";
}
