import { signResponseBody, withWrongSignature } from "../security/response-signature.ts";
import type { ApiAnswer, ApiFault, HeaderLines } from "./exchange.ts";

/** Keys that sign an answer. */
export type SigningKeys = readonly { readonly kid: string; readonly key: string }[];

/** Signs a text as the provider does. @param nowMs real time, in milliseconds. */
export function signedAnswer(status: number, content: object, keys: SigningKeys, nowMs: number): ApiAnswer {
  const body = JSON.stringify(content);
  const lines = signResponseBody(body, keys, nowMs).map((line) => ["X-Signature", line] as const);
  return { status, headers: [["Content-Type", "application/json"], ...lines], body };
}

/** The request is performed, and its answer is lost. */
export const lostAnswer: ApiFault = { name: "a lost answer", isForwarded: true, answer: () => undefined };

/** A signed error. @param isForwarded whether the request is performed before. */
export function errorAnswer(
  status: number,
  { isForwarded, keys, now }: { isForwarded: boolean; keys: () => SigningKeys; now: () => number },
): ApiFault {
  const reason = { code: "internal_error", description: "The rehearsal asked for this error." };
  const when = isForwarded ? "after" : "before";
  return {
    name: `a ${status} ${when} the request was performed`,
    isForwarded,
    answer: () => signedAnswer(status, { reason }, keys(), now()),
  };
}

/** 429 with `Retry-After`; nothing is performed. */
export function tooManyRequests(seconds: number, keys: () => SigningKeys, now: () => number): ApiFault {
  const reason = { code: "too_many_requests", description: "The rehearsal asked for this error." };
  return {
    name: "a 429 with Retry-After",
    isForwarded: false,
    answer: () => {
      const answer = signedAnswer(429, { reason }, keys(), now());
      return { ...answer, headers: [...answer.headers, ["Retry-After", String(seconds)]] };
    },
  };
}

/** The right answer, late. @param delayMs in milliseconds. */
export function slowAnswer(delayMs: number): ApiFault {
  return { name: "a slow answer", isForwarded: true, delayMs, answer: (answer) => answer };
}

/** The page of a proxy in place of the answer. The request is performed. */
export const htmlAnswer: ApiFault = {
  name: "an HTML page as answer",
  isForwarded: true,
  answer: () => ({
    status: 200,
    headers: [["Content-Type", "text/html; charset=utf-8"]],
    body: "<!doctype html><title>Please wait</title><p>Checking your browser.</p>",
  }),
};

/** The right answer with wrong signatures. */
export const wrongSignature: ApiFault = {
  name: "an answer with a wrong signature",
  isForwarded: true,
  answer: (answer) => answer && { ...answer, headers: mapSignatures(answer.headers, withWrongSignature) },
};

/** The answer after somebody changed a text in it; the signature is that of the original. */
export function changedAnswer(name: string, change: (body: string) => string): ApiFault {
  return { name, isForwarded: true, answer: (answer) => answer && { ...answer, body: change(answer.body) } };
}

/** The right answer, with its signatures in the reverse order. */
export const reversedSignatures: ApiFault = {
  name: "signatures in the reverse order",
  isForwarded: true,
  answer: (answer) => {
    if (answer === undefined) return undefined;
    const isSignature = ([name]: HeaderLines[number]) => /^x-signature$/i.test(name);
    const others = answer.headers.filter((line) => !isSignature(line));
    return { ...answer, headers: [...others, ...answer.headers.filter(isSignature).reverse()] };
  },
};

function mapSignatures(headers: HeaderLines, change: (value: string) => string): HeaderLines {
  return headers.map(([name, value]) => [name, /^x-signature$/i.test(name) ? change(value) : value]);
}
