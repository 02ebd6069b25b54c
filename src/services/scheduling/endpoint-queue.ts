import { contractOf } from "../../domain/contract.ts";
import type { Notification } from "../../domain/notification.ts";
import { newTask, type Task } from "../../domain/task.ts";
import type { World, WorldSettings } from "../../domain/world.ts";
import type { UnitOfWork } from "../../store/store.ts";

// With the rule `notificationQueue: endpoint_blocks`, an endpoint gets one notification at a time. The head of the
// queue keeps its task until it is acknowledged or dropped. The others wait without a task, so nothing of them is due.
// A notification enters the queue when its first attempt is due: a scenario that delays it blocks nobody.

function hasQueue({ contract }: WorldSettings): boolean {
  return contract !== undefined && contractOf(contract).notificationQueue === "endpoint_blocks";
}

/**
 * Puts the notification of a due delivery into the queue of its endpoint. The unit of work must be the one that leases
 * the task, so that no other replica starts another head.
 * @returns whether it waits: then its task is gone.
 */
export async function enqueue(unit: UnitOfWork, { settings }: World, task: Task): Promise<boolean> {
  if (task.kind !== "deliver_notification" || !hasQueue(settings) || settings.webhookUrl === undefined) return false;
  const { processingAccountId, subjectId } = task;
  const notification = await unit.get("notification", subjectId);
  const isOpen = notification?.state === "due" || notification?.state === "retrying";
  if (!isOpen || notification.queue === "head") return false;
  const isFree = (await unit.first("notification", { processingAccountId, queue: "head" })) === undefined;
  await unit.save("notification", { ...notification, queue: isFree ? "head" : "waiting" });
  if (!isFree) await unit.remove("task", task.id);
  return !isFree;
}

/** Starts the notification that waits longest, if one waits. @param now world time. */
export async function startNext(unit: UnitOfWork, processingAccountId: string, now: number): Promise<void> {
  const next = await unit.first("notification", { processingAccountId, queue: "waiting" });
  if (next === undefined) return;
  // It is the head at once: otherwise a newer notification that is due could overtake it.
  await unit.save("notification", { ...next, queue: "head" });
  await unit.save("task", newTask("deliver_notification", next, now));
}

/**
 * Follows a change of the endpoint or of the rule. Another endpoint has not refused the head: the next one starts, and
 * the head enters the queue again with its next attempt. Without the rule, all that wait start.
 * @param now world time.
 */
export async function reopenQueue(
  unit: UnitOfWork,
  before: WorldSettings,
  { processingAccountId, settings }: World,
  now: number,
): Promise<void> {
  if (!hasQueue(before) || (hasQueue(settings) && settings.webhookUrl === before.webhookUrl)) return;
  const head = await unit.first("notification", { processingAccountId, queue: "head" });
  if (head !== undefined) await unit.save("notification", outOfQueue(head));
  if (hasQueue(settings)) return startNext(unit, processingAccountId, now);
  for (const waiting of await unit.list("notification", { processingAccountId, queue: "waiting" })) {
    await unit.save("notification", outOfQueue(waiting));
    await unit.save("task", newTask("deliver_notification", waiting, now));
  }
}

function outOfQueue({ queue: _place, ...rest }: Notification): Notification {
  return rest;
}
