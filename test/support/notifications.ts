import type { Sandbox } from "../../src/index.ts";
import { get, post } from "./merchant.ts";
import { type Receiver, startReceiver } from "./receiver.ts";

/** A notification as the control surface tells it. */
export interface ToldNotification {
  id: string;
  type: string;
  paymentId: string;
  state: string;
  nextAttemptTime?: string;
  attempts: {
    startedAt: string;
    manual?: true;
    repeated?: true;
    answer?: { status: number; body: string };
    error?: string;
  }[];
}

/** The demo world's notifications, newest first; a test that reads the first one has made one. */
export async function notificationsOf(sandbox: Sandbox): Promise<[ToldNotification, ...ToldNotification[]]> {
  return (await get(sandbox, "/_sandbox/notifications")).body.data;
}

export function resend(sandbox: Sandbox, id: string) {
  return post(sandbox, `/_sandbox/notifications/${id}/resend`, "");
}

/** A receiver that gives these statuses in turn, the last one for ever. */
export function startAnswering(...statuses: number[]): Promise<Receiver> {
  let calls = 0;
  return startReceiver((response) => {
    calls += 1;
    response.writeHead(statuses[Math.min(calls, statuses.length) - 1] ?? 204).end();
  });
}
