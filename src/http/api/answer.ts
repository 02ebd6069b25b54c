import type { ContractChanges } from "../../domain/contract-rules.ts";
import type { Refusal } from "../../domain/refusal.ts";
import { presentRefusal, statusUnder } from "./refusals.ts";

/** A response of the provider's API before it is signed. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** JSON. */
  readonly text: string;
}

/** A body that is JSON already, with its status: a stored response is repeated to the byte. */
export class JsonText {
  readonly text: string;
  readonly status: number;

  constructor({ text, status }: { readonly text: string; readonly status: number }) {
    this.text = text;
    this.status = status;
  }
}

const jsonHeaders = { "Content-Type": "application/json" };

export function answerJson(status: number, body: object): Answer {
  if (body instanceof JsonText) return { status: body.status, headers: jsonHeaders, text: body.text };
  return { status, headers: jsonHeaders, text: JSON.stringify(body) };
}

/** @param contract the rules that differ from the defaults. @param method of the request that is refused. */
export function answerRefusal(refusal: Refusal, contract?: ContractChanges, method?: string): Answer {
  const { status: usual, body } = presentRefusal(refusal);
  const status = contract === undefined ? usual : statusUnder(contract, refusal.code, method);
  const answer = answerJson(status, body);
  if (refusal.code === "rate_limited") return withHeader(answer, "Retry-After", "1");
  if (refusal.code === "method_not_allowed") return withHeader(answer, "Allow", refusal.allow.join(", "));
  // A 405 must have the header. No method of the operation is allowed.
  return status === 405 ? withHeader(answer, "Allow", "") : answer;
}

export function withHeader(answer: Answer, name: string, value: string): Answer {
  return { ...answer, headers: Object.assign({}, answer.headers, { [name]: value }) };
}
