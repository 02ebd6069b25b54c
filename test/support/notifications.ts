import type { Sandbox } from "../../src/index.ts";
import { get, post } from "./merchant.ts";
import { type Receiver, startReceiver } from "./receiver.ts";

/** A notification, as the control API returns it. */
export interface ListedNotification {
  id: string;
  type: string;
  paymentId: string;
  state: string;
  nextAttemptTime?: string;
  attempts: {
    startedAt: string;
    manual?: true;
    repeated?: true;
    answer?: { status: number; headers: [name: string, value: string][]; body: string };
    error?: string;
  }[];
}

/** Returns the demo world's notifications, newest first. The type assumes that there is at least one. */
export async function notificationsOf(sandbox: Sandbox): Promise<[ListedNotification, ...ListedNotification[]]> {
  return (await get(sandbox, "/_sandbox/notifications")).body.data;
}

export function resend(sandbox: Sandbox, id: string) {
  return post(sandbox, `/_sandbox/notifications/${id}/resend`, "");
}

/** Starts a receiver that answers with these statuses in turn, then always with the last one. */
export function startAnswering(...statuses: number[]): Promise<Receiver> {
  let calls = 0;
  return startReceiver((response) => {
    calls += 1;
    response.writeHead(statuses[Math.min(calls, statuses.length) - 1] ?? 204).end();
  });
}
