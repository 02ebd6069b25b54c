import type { Report } from "./check-states.ts";
import type { RecordsOfWorld } from "./records.ts";

/**
 * Reports a queue of an endpoint that cannot go on: it has one head, which has its task, and the others have none. They
 * wait for an attempt.
 */
export function checkQueue({ notification: notifications, task: tasks }: RecordsOfWorld, report: Report): void {
  const heads = notifications.filter(({ queue }) => queue === "head").length;
  const scheduled = new Set(tasks.flatMap(({ kind, subjectId }) => (kind === "deliver_notification" ? subjectId : [])));
  notifications.forEach(({ id, queue, state }, index) => {
    if (queue === undefined) return;
    const reportQueue = (message: string) => report(["records", "notification", index, "queue"], queue, message);
    if (state !== "due" && state !== "retrying") reportQueue(`must be absent while the state is ${state}`);
    if (heads !== 1) reportQueue(`needs one notification with "head", not ${heads}`);
    if (scheduled.has(id) !== (queue === "head")) {
      reportQueue(queue === "head" ? "needs the task deliver_notification" : "excludes the task deliver_notification");
    }
  });
}
