import { verifyResponse } from "../../src/index.ts";
import type { Dice } from "./dice.ts";

/** An answer that settles a request: done, or refused for good. */
export interface Answer<B = unknown> {
  readonly status: number;
  /** Whoever asks knows what an answer below 300 is. */
  readonly body: B;
}

/** What clients have seen of failures. */
export interface Troubles {
  /** Requests that got no answer: refused, cut, or too late. */
  unanswered: number;
  /** When answers of 500 and more came on `/v1`. */
  readonly failedTimes: number[];
  /** Answers on `/v1`, and those of them that the provider's key did not sign. */
  signable: number;
  readonly badlySigned: string[];
  /** Requests that nobody answered until the client gave up. */
  readonly givenUp: string[];
}

export function noTroubles(): Troubles {
  return { unanswered: 0, failedTimes: [], signable: 0, badlySigned: [], givenUp: [] };
}

/** How long a client waits for an answer, and how long it tries, in milliseconds. */
const patienceMs = 10_000;
const persistenceMs = 90_000;
const pauseMs = 100;

/** What a client asks for; without a body it reads. */
export interface Question {
  readonly target: string;
  readonly body?: object;
}

/** A merchant's server that asks replicas, and asks another one where one fails. */
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

  /** Asks until one of the replicas has an answer below 500. @returns nothing where it gave up. */
  async ask<B>(question: Question): Promise<Answer<B> | undefined> {
    const untilTime = Date.now() + persistenceMs;
    let url = this.#dice.pick(this.#urls);
    while (Date.now() < untilTime) {
      const answer = await this.askOnce<B>(url, question);
      if (answer !== undefined && answer.status < 500) return answer;
      url = this.#dice.pick(this.#urls.filter((other) => other !== url));
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
    this.#troubles.givenUp.push(question.target);
    return undefined;
  }

  /** Asks one replica, once. @returns nothing where no answer came. */
  async askOnce<B>(url: string, { target, body }: Question): Promise<Answer<B> | undefined> {
    const init = body === undefined ? {} : { method: "POST", body: JSON.stringify(body) };
    let answer: Response;
    let text: string;
    try {
      answer = await fetch(url + target, { ...init, signal: AbortSignal.timeout(patienceMs) });
      text = await answer.text();
    } catch {
      this.#troubles.unanswered += 1;
      return undefined;
    }
    if (target.startsWith("/v1/")) this.#judge(answer, target, text);
    return { status: answer.status, body: parse(text) as B };
  }

  #judge({ status, headers }: Response, target: string, body: string): void {
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
