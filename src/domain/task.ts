/** Something that falls due at an instant of a world's clock. */
export interface Task {
  readonly id: string;
  readonly processingAccountId: string;
  readonly kind:
    | "expire_payment"
    | "decide_payment"
    | "complete_refund"
    | "deliver_notification"
    | "resend_notification"
    | "repeat_notification"
    | "forget_replay"
    | "retire_key";
  /** The payment that it concerns, if it concerns one. */
  readonly paymentId?: string | undefined;
  /** What it is about: a payment, a refund, a notification, a replay, or the kid of a key. */
  readonly subjectId: string;
  /** World time. */
  readonly dueTime: number;
  /** By what the one that is at it knows it again: a leased task is nobody else's. */
  readonly lease?: string;
  /** The replica that has leased it. */
  readonly holder?: string;
}

/** The task as it was before it was leased. */
export function freeTask({ lease: _over, holder: _gone, ...free }: Task): Task {
  return free;
}

export function newTask(
  kind: Task["kind"],
  subject: { readonly id: string; readonly paymentId?: string; readonly processingAccountId: string },
  dueTime: number,
): Task {
  const { id: subjectId, paymentId, processingAccountId } = subject;
  return { id: taskId(kind, subjectId), kind, subjectId, paymentId, processingAccountId, dueTime };
}

export function taskId(kind: Task["kind"], subjectId: string): string {
  return `${kind}:${subjectId}`;
}

/** Whether a task sends something, which takes its time, or changes records at once. */
export function isDelivery({ kind }: Task): boolean {
  return kind === "deliver_notification" || kind === "resend_notification" || kind === "repeat_notification";
}
