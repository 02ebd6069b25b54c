import type { Refusal } from "../../domain/refusal.ts";
import { presentRefusal } from "./refusals.ts";

/** A response of the provider's API before it is signed. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** JSON. */
  readonly text: string;
}

/** A body that is JSON already: a stored response is repeated to the byte. */
export class JsonText {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

const jsonHeaders = { "Content-Type": "application/json" };

export function answerJson(status: number, body: object): Answer {
  const text = body instanceof JsonText ? body.text : JSON.stringify(body);
  return { status, headers: jsonHeaders, text };
}

export function answerRefusal(refusal: Refusal): Answer {
  const { status, body } = presentRefusal(refusal);
  const answer = answerJson(status, body);
  if (refusal.code === "rate_limited") return withHeader(answer, "Retry-After", "1");
  return refusal.code === "method_not_allowed" ? withHeader(answer, "Allow", refusal.allow.join(", ")) : answer;
}

export function withHeader(answer: Answer, name: string, value: string): Answer {
  return { ...answer, headers: Object.assign({}, answer.headers, { [name]: value }) };
}
