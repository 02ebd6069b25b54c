import { replayId } from "../../domain/replay.ts";
import { isDelivery, taskId } from "../../domain/task.ts";
import type { SavedTask, SnapshotDocument } from "./snapshot-document.ts";

/** A member that does not fit the others, and where it stands. */
export interface Wrong {
  readonly path: readonly (string | number)[];
  readonly message: string;
  readonly input: unknown;
}

type Report = (path: Wrong["path"], input: unknown, message: string) => void;
type Named = "payment" | "refund" | "notification" | "replay";

/** What a task is about; a key may be gone before its time. */
const subjects = {
  expire_payment: "payment",
  decide_payment: "payment",
  complete_refund: "refund",
  deliver_notification: "notification",
  resend_notification: "notification",
  repeat_notification: "notification",
  forget_replay: "replay",
  retire_key: undefined,
} as const satisfies Record<SavedTask["kind"], Named | undefined>;

/** What in a snapshot does not fit together: records of another world or merchant, and ids that nothing has. */
export function wrongReferences(document: SnapshotDocument): Wrong[] {
  const wrong: Wrong[] = [];
  const report: Report = (path, input, message) => wrong.push({ path, input, message });
  const { records } = document;
  const idsOf = (kind: Named) => new Set(records[kind].map(({ id }) => id));
  const known: Known = {
    payment: idsOf("payment"),
    refund: idsOf("refund"),
    notification: idsOf("notification"),
    replay: idsOf("replay"),
  };
  checkMerchant(document, report);
  checkOwners(document, report);
  checkLinks(document, known, report);
  for (const [index, task] of records.task.entries()) checkTask(task, ["records", "task", index], known, report);
  checkReal(document, report);
  return wrong;
}

type Known = Readonly<Record<Named, ReadonlySet<string>>>;

function checkMerchant({ merchant }: SnapshotDocument, report: Report): void {
  const { merchantId, hmacKeys, credentials } = merchant;
  checkUnique(
    hmacKeys.map(({ kid }) => kid),
    (index) => ["merchant", "hmacKeys", index, "kid"],
    report,
  );
  checkUnique(
    credentials.map(({ kid }) => kid),
    (index) => ["merchant", "credentials", index, "kid"],
    report,
  );
  credentials.forEach((credential, index) => {
    if (credential.merchantId === merchantId) return;
    report(["merchant", "credentials", index, "merchantId"], credential.merchantId, `must be ${merchantId}`);
  });
}

/** Every record belongs to this world and its merchant, and has its id alone. */
function checkOwners({ processingAccountId, merchant, records }: SnapshotDocument, report: Report): void {
  const owners: Record<string, string> = { processingAccountId, merchantId: merchant.merchantId };
  for (const [kind, list] of Object.entries(records)) {
    checkUnique(
      list.map(({ id }) => id),
      (index) => ["records", kind, index, "id"],
      report,
    );
    list.forEach((record, index) => {
      for (const [member, value] of Object.entries(record)) {
        const owner = owners[member];
        if (owner !== undefined && value !== owner) report(["records", kind, index, member], value, `must be ${owner}`);
      }
    });
  }
}

function checkUnique(ids: readonly string[], pathOf: (index: number) => Wrong["path"], report: Report): void {
  const seen = new Set<string>();
  ids.forEach((id, index) => {
    if (seen.has(id)) report(pathOf(index), id, "must not be there twice");
    seen.add(id);
  });
}

/** The payments and refunds that are named are there, and ids that are made of others are made of these. */
function checkLinks({ processingAccountId, records }: SnapshotDocument, known: Known, report: Report): void {
  const links = { paymentId: "payment", refundId: "refund" } as const;
  for (const [kind, list] of Object.entries(records)) {
    list.forEach((record: object, index) => {
      for (const member of ["paymentId", "refundId"] as const) {
        const id = (record as { readonly paymentId?: string; readonly refundId?: string })[member];
        if (id === undefined || known[links[member]].has(id)) continue;
        report(["records", kind, index, member], id, `must be the id of a ${links[member]} of this snapshot`);
      }
    });
  }
  records.event.forEach(({ happening: payload }, index) => {
    if (payload.kind !== "refund" || known.refund.has(payload.refundId)) return;
    const path = ["records", "event", index, "happening", "refundId"];
    report(path, payload.refundId, "must be the id of a refund of this snapshot");
  });
  records.replay.forEach(({ id, operation, idempotencyKey }, index) => {
    const made = replayId(processingAccountId, operation, idempotencyKey);
    if (id !== made) report(["records", "replay", index, "id"], id, `must be ${made}`);
  });
  records.struck.forEach(({ id }, index) => {
    const start = `${JSON.stringify([processingAccountId]).slice(0, -1)},`;
    if (!id.startsWith(start)) report(["records", "struck", index, "id"], id, `must start with ${start}`);
  });
}

function checkTask(task: SavedTask, path: Wrong["path"], known: Known, report: Report): void {
  const { id, kind, subjectId, paymentId } = task;
  const subject = subjects[kind];
  if (subject !== undefined && !known[subject].has(subjectId)) {
    report([...path, "subjectId"], subjectId, `must be the id of a ${subject} of this snapshot`);
  }
  if (subject !== undefined && subject !== "replay" && paymentId === undefined) {
    report([...path, "paymentId"], paymentId, "is missing");
  }
  const made = taskId(kind, subjectId);
  const fits = id === made || (isDelivery(task) && id.startsWith(`${made}:`));
  if (!fits) report([...path, "id"], id, `must be ${made}`);
}

/** What was measured belongs to attempts that are there. */
function checkReal({ records, real }: SnapshotDocument, report: Report): void {
  const made = new Map(records.notification.map(({ id, attempts }) => [id, attempts.length]));
  for (const [id, measured] of Object.entries(real?.attempts ?? {})) {
    const attempts = made.get(id) ?? 0;
    if (measured.length > attempts) {
      report(["real", "attempts", id], measured, `must not be more than the ${attempts} attempts of that notification`);
    }
  }
}
