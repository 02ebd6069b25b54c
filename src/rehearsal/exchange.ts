/** Header lines in order, as they are on the wire. */
export type HeaderLines = readonly (readonly [name: string, value: string])[];

/** A response of the provider's API. */
export interface ApiAnswer {
  readonly status: number;
  readonly headers: HeaderLines;
  readonly body: string;
}

/** Operations of the API that cases tell apart. */
export type ApiOperation = "create" | "refund" | "read" | "other";

/** A request of the merchant to the provider's API. */
export interface ApiExchange {
  readonly method: string;
  /** Path and query, as sent. */
  readonly target: string;
  readonly operation: ApiOperation;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Real time, in milliseconds. */
  readonly startTime: number;
  /** Order of arrival. */
  readonly number: number;
  /** What the sandbox answered; absent if a fault kept the request from it, and until then. */
  answer?: ApiAnswer;
  /** What the merchant received: an answer, nothing (`cut`), or not yet anything. */
  received?: ApiAnswer | "cut";
  /** Name of the fault that was applied. */
  fault?: string;
}

/** Whether the sandbox did what a request asks for, or had done it before. */
export function isPerformed({ answer }: Pick<ApiExchange, "answer">): boolean {
  return answer !== undefined && answer.status < 300;
}

/** Selects requests: an operation, `any`, or those that a function selects. */
export type ApiMatch = ApiOperation | "any" | ((exchange: ApiExchange) => boolean);

export function isMatch(match: ApiMatch, exchange: ApiExchange): boolean {
  return typeof match === "function" ? match(exchange) : match === "any" || match === exchange.operation;
}

/** The selected requests in a word, for a timeline. */
export function nameOf(match: ApiMatch): string {
  return typeof match === "function" ? "matching" : match;
}

/** A fault of the provider's API. */
export interface ApiFault {
  readonly name: string;
  /** Whether the sandbox performs the request. */
  readonly isForwarded: boolean;
  /** Delay of the answer, in milliseconds. */
  readonly delayMs?: number;
  /** What the merchant receives; `undefined` cuts the connection. */
  readonly answer: (answer: ApiAnswer | undefined, exchange: ApiExchange) => ApiAnswer | undefined;
}
