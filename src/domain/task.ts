import type { Members, RecordOf } from "./members.ts";
import type { LateAction } from "./payment.ts";

const taskKinds = [
  "expire_payment",
  "decide_payment",
  "pay_late",
  "complete_refund",
  "fail_refund_late",
  "deliver_notification",
  "resend_notification",
  "repeat_notification",
  "forget_replay",
  "retire_key",
] as const;

export const taskMembers = {
  id: "string",
  processingAccountId: "ksuid",
  kind: { oneOf: taskKinds },
  /** Absent for a replay and a key. */
  paymentId: { optional: "ksuid" },
  /** The id of a payment, a refund, a notification or a replay, or the kid of a key. */
  subjectId: "string",
  /** World time. */
  dueTime: "time",
  /** Lease token: the holder recognises its own lease by it. */
  lease: { optional: "string" },
  /** The replica that holds the lease. */
  holder: { optional: "string" },
} as const satisfies Members;

/** Work that is due at an instant of a world's clock. */
export interface Task extends RecordOf<typeof taskMembers> {}

/** Returns the task without its lease. */
export function freeTask({ lease: _lease, holder: _holder, ...free }: Task): Task {
  return free;
}

export function newTask(
  kind: Task["kind"],
  subject: { readonly id: string; readonly paymentId?: string; readonly processingAccountId: string },
  dueTime: number,
): Task {
  const { id: subjectId, paymentId, processingAccountId } = subject;
  const id = taskId(kind, subjectId);
  if (paymentId === undefined) return { id, kind, subjectId, processingAccountId, dueTime };
  return { id, kind, subjectId, paymentId, processingAccountId, dueTime };
}

export function taskId(kind: Task["kind"], subjectId: string): string {
  // Not a template: its result would keep both parts in memory.
  return [kind, subjectId].join(":");
}

/** Whether a task sends a webhook. Other tasks only change records. */
export function isDelivery({ kind }: Task): boolean {
  return kind === "deliver_notification" || kind === "resend_notification" || kind === "repeat_notification";
}

const lateActionsOf: Readonly<Partial<Record<Task["kind"], readonly LateAction[]>>> = {
  pay_late: ["pay_late"],
  fail_refund_late: ["reverse_part", "reverse_all"],
};

/** The late actions that tasks will do to a payment that has ended. */
export function plannedActions(tasks: readonly Task[]): LateAction[] {
  return tasks.flatMap(({ kind }) => lateActionsOf[kind] ?? []);
}
