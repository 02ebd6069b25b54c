/** A refund that was confirmed to a client. */
export interface ConfirmedRefund {
  readonly id: string;
  readonly paymentId: string;
}

/** A payment that was confirmed to a client. */
export interface ConfirmedPayment {
  readonly id: string;
  readonly idempotencyKey: string;
  readonly processingAccountId: string;
  /** Body of the client's request, to send it again. */
  readonly request: object;
}

/** Results that the replicas confirmed to clients. */
export interface Diary {
  readonly payments: ConfirmedPayment[];
  readonly refunds: ConfirmedRefund[];
  /** Number of payments with several concurrent full refunds. */
  contested: number;
  /** Number of payments whose creation was sent twice concurrently. */
  doubled: number;
  /** Descriptions of responses that no client may get. */
  readonly surprises: string[];
}

export function newDiary(): Diary {
  return { payments: [], refunds: [], contested: 0, doubled: 0, surprises: [] };
}
