import type { NotificationView } from "../../src/index.ts";
import type { Client } from "./client.ts";

/** A stored notification, as the control API returns it. */
export type TalliedNotification = Pick<NotificationView, "id" | "state"> & { readonly attempts: number };

/** Maximum time until everything has settled, and poll interval, in milliseconds. */
const settleMaxMs = 90_000;
const pollMs = 500;

/** Returns every notification of the worlds. */
export async function notificationsOf(client: Client, worlds: readonly string[]): Promise<TalliedNotification[]> {
  const all = await Promise.all(
    worlds.map((id) => everyPage<NotificationView>(client, `/_sandbox/notifications?processingAccountId=${id}`)),
  );
  return all.flat().map(({ id, state, attempts }) => ({ id, state, attempts: attempts.length }));
}

/** Returns the id and the merchant reference of every payment of the worlds. */
export async function paymentsOf(
  client: Client,
  worlds: readonly string[],
): Promise<{ readonly id: string; readonly merchantReference: string }[]> {
  const all = await Promise.all(
    worlds.map((id) =>
      everyPage<{ id: string; merchantReference: string }>(client, `/_sandbox/payments?processingAccountId=${id}`),
    ),
  );
  return all.flat();
}

async function everyPage<T>(client: Client, target: string): Promise<T[]> {
  const data: T[] = [];
  let cursor: string | undefined;
  do {
    const query = cursor === undefined ? "" : `&cursor=${cursor}`;
    const answer = await client.ask<{ readonly data: readonly T[]; readonly nextCursor?: string }>({
      target: `${target}&limit=500${query}`,
    });
    if (answer?.status !== 200) throw new Error(`${target} was answered ${answer?.status}`);
    data.push(...answer.body.data);
    cursor = answer.body.nextCursor;
  } while (cursor !== undefined);
  return data;
}

/**
 * Waits until every notification is delivered and every replica has settled.
 * @param refundDelayMs time until pending refunds are settled, in milliseconds.
 * @returns the notifications and worlds that did not settle.
 */
export async function settle(
  client: Client,
  urls: readonly string[],
  worlds: readonly string[],
  refundDelayMs: number,
): Promise<string[]> {
  const untilTime = Date.now() + settleMaxMs;
  await new Promise((resolve) => setTimeout(resolve, refundDelayMs));
  for (;;) {
    const open = (await notificationsOf(client, worlds)).filter(({ state }) => state !== "delivered");
    if (open.length === 0) return busyWorlds(client, urls, worlds);
    if (Date.now() >= untilTime) return open.map(({ id, state }) => `${id} is ${state}`);
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
}

async function busyWorlds(client: Client, urls: readonly string[], worlds: readonly string[]): Promise<string[]> {
  const busy: string[] = [];
  for (const url of urls) {
    for (const processingAccountId of worlds) {
      const answer = await client.askOnce(url, { target: "/_sandbox/settle", body: { processingAccountId } });
      if (answer?.status !== 200) busy.push(`the world ${processingAccountId}: ${answer?.status ?? "no answer"}`);
    }
  }
  return busy;
}
