import { checkBodies } from "./check-bodies.ts";
import { checkQueue } from "./check-queue.ts";
import { checkStates, type Path, type Report } from "./check-states.ts";
import { checkTimes } from "./check-times.ts";
import type { Credential, Merchant } from "./merchant.ts";
import { type RecordsOfWorld, type WorldKind, type WorldRecords, worldKinds } from "./records.ts";
import { replayId } from "./replay.ts";
import { isDelivery, type Task, taskId } from "./task.ts";

/** A value that does not fit the others. */
export interface WorldProblem {
  readonly path: Path;
  readonly value: unknown;
  readonly message: string;
}

/** A world with its merchant and all its records. */
export interface WholeWorld {
  readonly processingAccountId: string;
  readonly merchant: Merchant;
  readonly credentials: readonly Credential[];
  readonly records: RecordsOfWorld;
  /** The time of a frozen clock, in milliseconds. */
  readonly frozenTime?: number | undefined;
}

type SubjectKind = Extract<WorldKind, "payment" | "refund" | "notification" | "replay">;

/** The subject of a task: the kind of its record, and for some tasks its state and the name of such a record. */
interface SubjectRule {
  readonly kind: SubjectKind;
  readonly status?: string;
  readonly reason?: string;
  readonly called?: string;
}

/** The subject of each kind of task. A key may be retired before its task runs. */
const subjects = {
  expire_payment: { kind: "payment", status: "pending", called: "a pending payment" },
  decide_payment: { kind: "payment", status: "pending", called: "a pending payment" },
  pay_late: { kind: "payment", status: "aborted", reason: "expired", called: "an expired payment" },
  complete_refund: { kind: "refund", status: "pending", called: "a pending refund" },
  fail_refund_late: { kind: "refund", status: "refunded", called: "a refund that is done" },
  deliver_notification: { kind: "notification" },
  resend_notification: { kind: "notification" },
  repeat_notification: { kind: "notification" },
  forget_replay: { kind: "replay" },
  retire_key: undefined,
} as const satisfies Record<Task["kind"], SubjectRule | undefined>;

/**
 * Checks the rules between the records of a world: owners, unique ids, references, task subjects, and states and
 * amounts and times that belong together. It does not check the members of each record alone.
 * @returns the problems; none for a world that the sandbox itself can reach.
 */
export function checkWorld(world: WholeWorld): WorldProblem[] {
  const problems: WorldProblem[] = [];
  const report: Report = (path, value, message) => problems.push({ path, value, message });
  const { records } = world;
  const known: Known = {
    payment: byId(records.payment),
    refund: byId(records.refund),
    notification: byId(records.notification),
    replay: byId(records.replay),
  };
  checkMerchant(world, report);
  checkOwners(world, report);
  checkUniqueness(records, report);
  checkReferences(records, known, report);
  checkDerivedIds(world, report);
  each(records, "task", (task, path) => checkTask(task, path, known, report));
  checkStates(records, report);
  checkQueue(records, report);
  checkBodies(records, report);
  checkTimes(records, world.frozenTime, report);
  return problems;
}

/** The records that tasks and references name, by id. */
type Known = { readonly [K in SubjectKind]: ReadonlyMap<string, WorldRecords[K]> };

interface Subject {
  readonly id: string;
  readonly paymentId?: string | undefined;
  readonly status?: string;
  readonly reason?: string | undefined;
}

function byId<T extends { readonly id: string }>(list: readonly T[]): ReadonlyMap<string, T> {
  return new Map(list.map((record) => [record.id, record]));
}

function each<K extends WorldKind>(
  records: RecordsOfWorld,
  kind: K,
  check: (record: RecordsOfWorld[K][number], path: Path) => void,
): void {
  records[kind].forEach((record: RecordsOfWorld[K][number], index) => void check(record, ["records", kind, index]));
}

function checkMerchant({ merchant, credentials }: WholeWorld, report: Report): void {
  const kids = (list: readonly { readonly kid: string }[]) => list.map(({ kid }) => kid);
  checkUnique(kids(merchant.hmacKeys), (index) => ["merchant", "hmacKeys", index, "kid"], report);
  checkUnique(kids(credentials), (index) => ["credentials", index, "kid"], report);
  credentials.forEach(({ merchantId }, index) => {
    if (merchantId === merchant.merchantId) return;
    report(["credentials", index, "merchantId"], merchantId, `must be ${merchant.merchantId}`);
  });
}

function checkOwners({ processingAccountId, merchant: { merchantId }, records }: WholeWorld, report: Report): void {
  const owners = { processingAccountId, merchantId };
  for (const kind of worldKinds) {
    each(records, kind, (record: Partial<typeof owners>, path) => {
      for (const member of ["processingAccountId", "merchantId"] as const) {
        const value = record[member];
        if (value === undefined || value === owners[member]) continue;
        report([...path, member], value, `must be ${owners[member]}`);
      }
    });
  }
}

function checkUniqueness(records: RecordsOfWorld, report: Report): void {
  for (const kind of worldKinds) {
    const ids = records[kind].map(({ id }) => id);
    checkUnique(ids, (index) => ["records", kind, index, "id"], report);
  }
  const { payment: payments, refund: refunds } = records;
  const pageTokens = payments.map(({ pageToken }) => pageToken);
  checkUnique(pageTokens, (index) => ["records", "payment", index, "pageToken"], report);
  const trackIds = [...payments, ...refunds].map(({ trackId }) => trackId);
  const pathOf = (index: number): Path =>
    index < payments.length
      ? ["records", "payment", index, "trackId"]
      : ["records", "refund", index - payments.length, "trackId"];
  checkUnique(trackIds, pathOf, report);
}

function checkUnique(ids: readonly string[], pathOf: (index: number) => Path, report: Report): void {
  const seen = new Set<string>();
  ids.forEach((id, index) => {
    if (seen.has(id)) report(pathOf(index), id, "must not occur twice");
    seen.add(id);
  });
}

interface References {
  readonly id: string;
  readonly paymentId?: string | undefined;
  readonly refundId?: string | undefined;
}

function checkReferences(records: RecordsOfWorld, known: Known, report: Report): void {
  const check = (kind: "payment" | "refund", id: string | undefined, path: Path) => {
    if (id !== undefined && !known[kind].has(id)) report(path, id, `must be the id of a ${kind} of this world`);
  };
  for (const kind of worldKinds) {
    each(records, kind, (record: References, path) => {
      check("payment", record.paymentId, [...path, "paymentId"]);
      check("refund", record.refundId, [...path, "refundId"]);
    });
  }
  each(records, "event", ({ payload }, path) => {
    if (payload.kind === "refund") check("refund", payload.refundId, [...path, "payload", "refundId"]);
  });
}

function checkDerivedIds({ processingAccountId, records }: WholeWorld, report: Report): void {
  each(records, "replay", ({ id, operation, idempotencyKey }, path) => {
    const derived = replayId(processingAccountId, operation, idempotencyKey);
    if (id !== derived) report([...path, "id"], id, `must be ${derived}`);
  });
  each(records, "consumedAmountFault", ({ id }, path) => {
    const start = `${JSON.stringify([processingAccountId]).slice(0, -1)},`;
    if (!id.startsWith(start)) report([...path, "id"], id, `must start with ${start}`);
  });
}

function checkTask(task: Task, path: Path, known: Known, report: Report): void {
  const { id, kind, subjectId, paymentId } = task;
  const rule: SubjectRule | undefined = subjects[kind];
  if (rule !== undefined) {
    const subject: Subject | undefined = known[rule.kind].get(subjectId);
    const { id: ofItself = undefined, paymentId: expected = ofItself, status, reason } = subject ?? {};
    if (subject === undefined) {
      report([...path, "subjectId"], subjectId, `must be the id of a ${rule.kind} of this world`);
    } else if ((rule.status ?? status) !== status || (rule.reason ?? reason) !== reason) {
      report([...path, "subjectId"], subjectId, `must be the id of ${rule.called}`);
    }
    if (rule.kind !== "replay" && paymentId === undefined) {
      report([...path, "paymentId"], paymentId, "is missing");
    } else if (paymentId !== undefined && expected !== undefined && paymentId !== expected) {
      report([...path, "paymentId"], paymentId, `must be ${expected}`);
    }
  }
  const derived = taskId(kind, subjectId);
  const fits = id === derived || (isDelivery(task) && id.startsWith(`${derived}:`));
  if (!fits) report([...path, "id"], id, `must be ${derived}`);
}
