/** A refund that a client asked for, and was promised. */
export interface PromisedRefund {
  readonly id: string;
  readonly paymentId: string;
}

/** A payment that a client was promised. */
export interface PromisedPayment {
  readonly id: string;
  readonly idempotencyKey: string;
  readonly processingAccountId: string;
  /** What the client sent, to send it again. */
  readonly request: object;
}

/** What the clients were told. */
export interface Diary {
  readonly payments: PromisedPayment[];
  readonly refunds: PromisedRefund[];
  /** How many payments were refunded whole by several requests at once. */
  contested: number;
  /** How many creations were sent to two replicas at once. */
  doubled: number;
  /** Answers that no client may get, in words. */
  readonly surprises: string[];
}

export function newDiary(): Diary {
  return { payments: [], refunds: [], contested: 0, doubled: 0, surprises: [] };
}
