import type { Path, Report } from "./check-states.ts";
import { firstKsuidTime } from "./ksuid.ts";
import type { RecordsOfWorld } from "./records.ts";

/**
 * Reports times from which a world cannot go on: ids have no times before those of KSUIDs, and nothing ends before it
 * began.
 * @param frozenTime the time of a frozen clock, in milliseconds.
 */
export function checkTimes(records: RecordsOfWorld, frozenTime: number | undefined, report: Report): void {
  const { payment: payments, refund: refunds, notification: notifications, replay: replays, task: tasks } = records;
  const created = { payment: payments, refund: refunds, notification: notifications, replay: replays };
  const createTimes = new Map<string, number>();
  for (const [kind, list] of Object.entries(created)) {
    list.forEach(({ id, createTime }, index) => {
      createTimes.set(id, createTime);
      const path: Path = ["records", kind, index, "createTime"];
      if (createTime < firstKsuidTime) report(path, createTime, `must not be before ${firstKsuidTime}`);
      if (frozenTime !== undefined && createTime > frozenTime) {
        report(path, createTime, `must not be after the time of the clock, ${frozenTime}`);
      }
    });
  }
  refunds.forEach(({ paymentId, createTime }, index) => {
    checkOrder(createTime, createTimes.get(paymentId), ["records", "refund", index, "createTime"], report);
  });
  tasks.forEach(({ subjectId, dueTime }, index) => {
    checkOrder(dueTime, createTimes.get(subjectId), ["records", "task", index, "dueTime"], report);
  });
}

function checkOrder(time: number, begin: number | undefined, path: Path, report: Report): void {
  if (begin !== undefined && time < begin) report(path, time, `must not be before ${begin}`);
}
