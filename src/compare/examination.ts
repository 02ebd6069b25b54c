import { memberAt } from "./members.ts";
import { NotReached, Stop } from "./safety.ts";
import type {
  ApiRequest,
  PayablePayment,
  Payer,
  PayerAction,
  Seen,
  SeenNotification,
  SeenReturn,
  Subject,
} from "./subject.ts";

/** What an examination found out about amounts. */
export interface AmountFacts {
  readonly unit: "major" | "minor";
  /** The smallest amount that is accepted, in cents. */
  readonly minCents: number;
}

/** A payment of the examination. */
export interface ExaminedPayment extends PayablePayment {
  readonly trackingUrl: string;
  readonly cents: number;
}

/** Interval between two looks at something that changes, in seconds, and their number. */
const pollSeconds = 2;
const pollsMax = 15;

/** The prefix of every reference and key that an examination sends. */
export const referencePrefix = "compare-";

/** Collects what a subject answers to the steps of the script, by the names of the steps. */
export class Examination {
  readonly seen = new Map<string, Seen>();
  /** Why a part of the script was not run to its end, by its name. */
  readonly missing = new Map<string, string>();
  amounts: AmountFacts | undefined;
  queue: "independent" | "endpoint_blocks" | undefined;
  /** How the browser comes back, with templates in the values of its parameters. */
  browserReturn: SeenReturn | undefined;
  readonly subject: Subject;
  readonly #run: string;
  readonly #onStep: (step: string) => void;
  #references = 0;

  /** @param run makes the references of this run unlike those of others. */
  constructor(subject: Subject, run: string, onStep: (step: string) => void = () => undefined) {
    this.subject = subject;
    this.#run = run;
    this.#onStep = onStep;
  }

  /** A merchant reference or an idempotency key that was not used before. */
  reference(): string {
    this.#references += 1;
    return `${referencePrefix}${this.#run}-${this.#references}`;
  }

  /** Sends a request, and keeps the answer under the name of the step. */
  async step(name: string, request: ApiRequest): Promise<Seen & { readonly status: number }> {
    this.#onStep(name);
    const answer = await this.subject.send(request);
    this.seen.set(name, answer);
    return answer;
  }

  /** Keeps a notification under the name of a step. */
  keep(name: string, notification: SeenNotification | undefined): void {
    if (notification !== undefined) this.seen.set(name, notification);
  }

  /** Body of a request for a payment. @param cents of HKD; needs the unit if it is not given. */
  order(value: number, changes: { readonly returnUrl?: string } = {}) {
    return {
      processingAccountId: this.subject.processingAccountId,
      merchantReference: this.reference(),
      amount: { value, currency: "hkd" },
      paymentMethod: {
        type: "alipay_hk",
        alipayHk: { returnUrl: changes.returnUrl ?? this.subject.returnUrl, flowType: "qr_link" },
      },
    };
  }

  /** An amount as the subject spells it. */
  spell(cents: number): number {
    return this.#knownAmounts().unit === "minor" ? cents : cents / 100;
  }

  /** The amount of payments that are partly refunded: three refunds fit in. */
  get refundableCents(): number {
    return Math.max(3 * this.#knownAmounts().minCents, 30);
  }

  get minCents(): number {
    return this.#knownAmounts().minCents;
  }

  #knownAmounts(): AmountFacts {
    if (this.amounts === undefined) throw new NotReached(this.missing.get("amounts") ?? "no amount was accepted");
    return this.amounts;
  }

  /** Creates a payment, and keeps the answer. */
  async create(name: string, cents = this.minCents, query = ""): Promise<ExaminedPayment> {
    const body = this.order(this.spell(cents));
    return this.createdPayment(await this.step(name, { method: "POST", target: `/v1/payments${query}`, body }), cents);
  }

  /** The payment in an answer. Throws `NotReached` if it is none. */
  createdPayment({ status, body }: Seen, cents: number): ExaminedPayment {
    const [id, trackingUrl, url] = ["id", "trackingUrl", "nextStep.redirect.url"].map((path) => memberAt(body, path));
    if (status === undefined || status >= 300 || typeof id !== "string") {
      throw new NotReached(`a payment was refused with ${status} ${memberAt(body, "reason.code") ?? ""}`.trimEnd());
    }
    return { id, trackingUrl: pathOf(trackingUrl), url: typeof url === "string" ? url : "", cents };
  }

  /** Throws `NotReached` without a payer. Call it before a payment is created that nobody would pay. */
  payer(): Pick<Payer, "act" | "goBack"> {
    const { payer } = this.subject;
    if (payer === undefined) throw new NotReached("it needs a payer, and --no-payer skips that");
    return payer;
  }

  /** Acts on a payment for the payer. */
  async act(action: PayerAction, payment: PayablePayment): Promise<void> {
    const payer = this.payer();
    this.#onStep(`${action} the payment ${payment.id}`);
    await payer.act(action, payment);
  }

  /** Reads a track until its status is no longer `pending`, and keeps the last answer. */
  async settled(name: string, trackingUrl: string): Promise<Seen> {
    for (let poll = 1; ; poll += 1) {
      const answer = await this.step(name, { method: "GET", target: trackingUrl });
      if (answer.status !== 200 || memberAt(answer.body, "status") !== "pending") return answer;
      if (poll === pollsMax) {
        this.seen.delete(name);
        throw new NotReached(`the status was still pending after ${(pollsMax - 1) * pollSeconds} seconds`);
      }
      await this.subject.wait(pollSeconds);
    }
  }

  /** Waits until a matching notification has arrived. */
  async arrived(matches: (notification: SeenNotification) => boolean): Promise<SeenNotification | undefined> {
    for (let poll = 1; poll <= pollsMax; poll += 1) {
      const found = this.notifications().find(matches);
      if (found !== undefined) return found;
      await this.subject.wait(pollSeconds);
    }
    return undefined;
  }

  /** All notifications that have arrived. */
  notifications(): readonly SeenNotification[] {
    if (this.subject.inbox === undefined) throw new NotReached("it needs --webhook-url, which leads to this program");
    return this.subject.inbox.received;
  }

  /** Runs a part of the script. What it cannot reach ends the part, not the examination. */
  async part(name: string, run: () => Promise<void>): Promise<void> {
    try {
      await run();
    } catch (error) {
      if (!(error instanceof NotReached) || error instanceof Stop) throw error;
      this.missing.set(name, error.message);
    }
  }
}

/** A tracking URL is a path without host. [seed] Another host gets no request. */
function pathOf(trackingUrl: unknown): string {
  if (typeof trackingUrl === "string" && /^\/(?!\/)[\w\-./~%=+]*$/.test(trackingUrl)) return trackingUrl;
  throw new NotReached(`trackingUrl is ${JSON.stringify(trackingUrl)?.slice(0, 60)}, which is no path without host`);
}
