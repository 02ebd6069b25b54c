import { parseDetachedJws } from "../jws.ts";
import type { SignedParts } from "../request-signature.ts";
import { byteCount, checkOf, type DoctorCheck, notChecked, plainJws, quoted, signedContent } from "./check.ts";
import { hexFault } from "./signature-encoding.ts";

type JsonObject = Readonly<Record<string, unknown>>;

/** `X-Signature`, parsed as far as possible, however malformed it is. */
export interface ParsedSignature {
  /** As sent, and therefore as signed. */
  readonly encodedHeader: string;
  readonly header: JsonObject | undefined;
  /** Content between the dots; `undefined` for none, which is right. */
  readonly payload: Buffer | undefined;
  /** Members of the payload, if it is a JSON object. */
  readonly claims: JsonObject | undefined;
  readonly signature: Buffer;
  /** The signature as sent. */
  readonly encodedSignature: string;
}

/** Accepts what a strict parser refuses: a missing dot, padding, the other alphabet, surrounding quotes or `Bearer`. */
export function parseLeniently(text: string): ParsedSignature {
  const parts = withoutWrapping(text).split(".");
  const [encodedHeader = "", middle = "", last = ""] = parts.length === 2 ? [parts[0], "", parts[1]] : parts;
  if (parts.length < 2 || parts.length > 3) {
    const nothing = { header: undefined, payload: undefined, claims: undefined };
    return { encodedHeader, ...nothing, signature: Buffer.alloc(0), encodedSignature: "" };
  }
  return {
    encodedHeader,
    header: decodeObject(encodedHeader),
    payload: middle === "" ? undefined : Buffer.from(middle, "base64url"),
    claims: decodeObject(middle),
    signature: Buffer.from(last, "base64url"),
    encodedSignature: last,
  };
}

function withoutWrapping(text: string): string {
  const bare = text.trim().replace(/^Bearer\s+/i, "");
  return /^(["']).*\1$/s.test(bare) ? bare.slice(1, -1) : bare;
}

function decodeObject(encoded: string): JsonObject | undefined {
  const jws = parseDetachedJws(`${Buffer.from(encoded, "base64url").toString("base64url")}..AA`);
  return typeof jws === "string" ? undefined : jws.header;
}

/** Format of `X-Signature`. [docs] */
export const expectedForm = "{b64url header}..{b64url signature}";

/** Checks the format of `X-Signature`: `{b64url header}..{b64url signature}`, a detached JWS. [docs] */
export function checkForm(text: string, parsed: ParsedSignature, request: SignedParts): DoctorCheck[] {
  const parts = text.split(".");
  const [first = "", middle = "", last = ""] = parts;
  const notThree = "X-Signature does not have three parts";
  return [
    checkOf("three_parts", partsFault(text, parts.length), "X-Signature has three parts."),
    parts.length === 3
      ? checkOf(
          "payload_detached",
          middle === "" ? undefined : payloadFault(parsed, request),
          "The payload is left out.",
        )
      : notChecked("payload_detached", notThree),
    parts.length === 3
      ? checkOf(
          "base64url",
          base64Fault("header", first) ?? base64Fault("signature", last),
          "Header and signature are base64url.",
        )
      : notChecked("base64url", notThree),
    parts.length === 2 || parts.length === 3
      ? checkOf("header_json", headerFault(parsed), "The header is a JSON object.")
      : notChecked("header_json", notThree),
  ];
}

function partsFault(text: string, count: number): string | undefined {
  if (count === 3) return undefined;
  if (text.trim() === "") return `X-Signature is empty: send ${expectedForm}.`;
  if (text.trimStart().startsWith("{")) {
    return `X-Signature is a JWS in JSON form: send the compact form without payload, ${expectedForm}.`;
  }
  if (count === 1) return `X-Signature has one part: put the header in front of the signature, ${expectedForm}.`;
  if (count === 2) {
    return `X-Signature has two parts instead of three: put two dots between header and signature, ${expectedForm}.`;
  }
  if (text.includes(",")) return `X-Signature contains several signatures: send exactly one, ${expectedForm}.`;
  const encrypted = count === 5 ? ", like an encrypted JWE" : "";
  return `X-Signature has ${count} parts${encrypted}, instead of three: send ${expectedForm}.`;
}

/** Registered claims of a JWT. */
const claimNames = ["iss", "sub", "aud", "exp", "nbf", "iat", "jti"];

function payloadFault({ payload = Buffer.alloc(0), claims }: ParsedSignature, request: SignedParts): string {
  const { body } = request;
  if (payload.equals(body)) {
    const remedy = "remove the body and keep both dots, {header}..{signature}";
    return `X-Signature contains the body between its two dots: ${remedy}.`;
  }
  const found = claimNames.filter((name) => claims !== undefined && Object.hasOwn(claims, name));
  if (found.length > 0) {
    return (
      `X-Signature is a complete JWT with the claims ${found.join(", ")} in its payload: ` +
      `put aud and exp into the protected header, ${plainJws(request)}, and leave the middle part empty.`
    );
  }
  const expected = body.length === 0 ? "the request has no body" : `the body has ${byteCount(body.length)}`;
  return (
    `X-Signature contains a payload of ${byteCount(payload.length)} that is not the body (${expected}): ` +
    `sign ${signedContent(request)} and leave the middle part empty.`
  );
}

/** The hex of a JSON object. */
const hexObject = /^7b(?:[\da-f]{2})+7d$/i;

function base64Fault(part: "header" | "signature", text: string): string | undefined {
  const subject = `The ${part} in X-Signature`;
  if (text === "") return `${subject} is empty: write it as base64url.`;
  const hex =
    part === "signature" ? hexFault(text) : hexObject.test(text) ? "is hex: write it as base64url" : undefined;
  if (hex !== undefined) return `${subject} ${hex}.`;
  const probe = part === "header" ? `${text}..AA` : `AA..${text}`;
  if (parseDetachedJws(probe) !== "not_base64url") return undefined;
  if (/^\s*Bearer\s/i.test(text)) return `X-Signature begins with "Bearer": send only ${expectedForm}.`;
  if (/[+/]/.test(text)) {
    return `${subject} is standard base64 instead of base64url: write "-" for "+" and "_" for "/", and omit "=".`;
  }
  if (/^[\w-]+=+$/.test(text)) return `${subject} ends with "=": remove it, because base64url in a JWS has no padding.`;
  const [stray] = /[^\w-]/u.exec(text) ?? [];
  if (stray !== undefined) {
    return `${subject} contains ${quoted(stray)}: base64url has only letters, digits, "-" and "_".`;
  }
  return `${subject} is incomplete: ${text.length} characters of base64url are not a whole number of bytes.`;
}

function headerFault({ encodedHeader, header }: ParsedSignature): string | undefined {
  if (header !== undefined) return undefined;
  const text = Buffer.from(encodedHeader, "base64url").toString("utf8");
  const problem = `The header in X-Signature decodes to ${quoted(text)}, which is not a JSON object`;
  if (text.startsWith("{'")) return `${problem}: use double quotes (Python: json.dumps instead of str).`;
  if (/^[\w-]{20,}$/.test(text)) return `${problem}: it seems to be base64url twice, so encode it once.`;
  return `${problem}: send an object such as {"alg":"ES256","kid":"...","aud":"...","exp":...} as base64url.`;
}
