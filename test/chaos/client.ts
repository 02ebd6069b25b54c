import { verifyResponse } from "../../src/index.ts";
import type { Dice } from "../support/dice.ts";

/** A final response to a request: success or refusal. */
export interface Answer<B = unknown> {
  readonly status: number;
  /** The caller knows the type of a body with a status below 300. */
  readonly body: B;
}

/** Failures that clients have seen. */
export interface Troubles {
  /** Requests without a response: refused, cut or timed out. */
  unanswered: number;
  /** Times of responses from `/v1` with a status of at least 500. */
  readonly failedTimes: number[];
  /** Responses from `/v1`, and those without a valid signature of the provider. */
  signable: number;
  readonly badlySigned: string[];
  /** Requests without a final response before the client gave up. */
  readonly givenUp: string[];
}

export function noTroubles(): Troubles {
  return { unanswered: 0, failedTimes: [], signable: 0, badlySigned: [], givenUp: [] };
}

/** Timeout of one request, total time of all tries, and pause between tries, in milliseconds. */
const timeoutMs = 10_000;
const totalTimeMs = 90_000;
const pauseMs = 100;

/** A request of a client. With a body it is a POST, else a GET. */
export interface ClientRequest {
  readonly target: string;
  readonly body?: object;
}

/** A merchant's server that sends requests to replicas, and tries another one after a failure. */
export class Client {
  readonly #urls: readonly string[];
  readonly #hmacKey: string;
  readonly #dice: Dice;
  readonly #troubles: Troubles;

  constructor(urls: readonly string[], hmacKey: string, dice: Dice, troubles: Troubles) {
    this.#urls = urls;
    this.#hmacKey = hmacKey;
    this.#dice = dice;
    this.#troubles = troubles;
  }

  /** Repeats a request until a response has a status below 500. @returns `undefined` if it gave up. */
  async ask<B>(request: ClientRequest): Promise<Answer<B> | undefined> {
    const untilTime = Date.now() + totalTimeMs;
    let url = this.#dice.pick(this.#urls);
    while (Date.now() < untilTime) {
      const answer = await this.askOnce<B>(url, request);
      if (answer !== undefined && answer.status < 500) return answer;
      url = this.#dice.pick(this.#urls.filter((other) => other !== url));
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
    this.#troubles.givenUp.push(request.target);
    return undefined;
  }

  /** Sends a request to one replica, once. @returns `undefined` without a response. */
  async askOnce<B>(url: string, { target, body }: ClientRequest): Promise<Answer<B> | undefined> {
    const init = body === undefined ? {} : { method: "POST", body: JSON.stringify(body) };
    let answer: Response;
    let text: string;
    try {
      answer = await fetch(url + target, { ...init, signal: AbortSignal.timeout(timeoutMs) });
      text = await answer.text();
    } catch {
      this.#troubles.unanswered += 1;
      return undefined;
    }
    if (target.startsWith("/v1/")) this.#check(answer, target, text);
    return { status: answer.status, body: parse(text) as B };
  }

  #check({ status, headers }: Response, target: string, body: string): void {
    this.#troubles.signable += 1;
    if (status >= 500) this.#troubles.failedTimes.push(Date.now());
    const isSigned = verifyResponse({ signature: headers.get("x-signature"), body, hmacKey: this.#hmacKey });
    if (!isSigned) this.#troubles.badlySigned.push(`${status} ${target}`);
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
