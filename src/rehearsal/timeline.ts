import { redactSecrets } from "../security/redaction.ts";

/** Who did something: the payer's browser, the merchant's server, the sandbox as the provider, or the rehearsal. */
export type Actor = "payer" | "merchant" | "provider" | "rehearsal";

/** An event of a case. */
export interface TimelineEntry {
  /** Since the case began, in milliseconds. */
  readonly atMs: number;
  readonly actor: Actor;
  readonly text: string;
  /** Request and response, or other evidence. Secrets are redacted. */
  readonly detail?: string;
}

/** Maximum length of a detail, in characters. */
const detailMax = 4_000;

/** What happened during a case, in order. */
export class Timeline {
  readonly entries: TimelineEntry[] = [];
  readonly #now: () => number;
  readonly #startTime: number;

  /** @param now real time, in milliseconds. */
  constructor(now: () => number) {
    this.#now = now;
    this.#startTime = now();
  }

  add(actor: Actor, text: string, detail?: string): void {
    const atMs = Math.round(this.#now() - this.#startTime);
    const safe = detail === undefined ? {} : { detail: redactSecrets(detail.slice(0, detailMax)) };
    this.entries.push({ atMs, actor, text: redactSecrets(text), ...safe });
  }
}
