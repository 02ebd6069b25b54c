import { systemClock } from "../platform/clock.ts";

/** Something that the rehearsal did, which can make the merchant read a payment. */
export interface Prompt {
  /** The payment that it was about; absent if it was about all. */
  readonly paymentId: string | undefined;
  /** Real time, in milliseconds. */
  readonly time: number;
}

/** A final status that the merchant has accepted from a notification. */
export interface ReportedEnd {
  /** Id of the payment or refund. */
  readonly id: string;
  readonly status: string;
  /** Real time, in milliseconds. */
  readonly time: number;
}

/** What the rehearsal asked of the merchant and reported to it: other requests are the merchant's own. */
export class Prompts {
  readonly all: Prompt[] = [];
  readonly ends: ReportedEnd[] = [];

  /** Notes a prompt that begins now. */
  note(paymentId?: string): void {
    this.all.push({ paymentId, time: systemClock.now() });
  }

  /** Notes that the merchant has taken a genuine notification with a final status. */
  noteEnd(id: string, status: string): void {
    this.ends.push({ id, status, time: systemClock.now() });
  }
}
