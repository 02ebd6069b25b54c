import { onTestFinished } from "vitest";
import type { Sandbox, WorldHandle } from "../../src/index.ts";
import { createPayment, frozenSandbox } from "../support/merchant.ts";
import { startReceiver } from "../support/receiver.ts";

/** The rule under test. */
export const blocks = { notificationQueue: "endpoint_blocks" } as const;
export const minute = 60_000;

/** An endpoint that refuses notifications about some payments. The log has the payment or refund of each attempt. */
export async function endpoint() {
  const refused = new Set<string>();
  const log: string[] = [];
  const receiver = await startReceiver((response, { body }) => {
    const { id } = JSON.parse(body).payload as { id: string };
    log.push(id);
    response.writeHead(refused.has(id) ? 500 : 204).end();
  });
  onTestFinished(receiver.close);
  return { url: receiver.url, log, refused };
}

type World = Pick<WorldHandle, "notifications">;

/** The newest notifications last: the minute of each attempt since nine o'clock, and the state. */
export async function storyOf(world: World) {
  const { data } = await world.notifications.list();
  const nine = Date.parse("2026-01-05T09:00:00Z");
  return data.toReversed().map(({ state, attempts }) => {
    const starts = attempts.map(({ startedAt }) => (Date.parse(startedAt) - nine) / minute);
    return `${state} ${starts.join(" ")}`.trim();
  });
}

/** A world with the queue, and three paid payments of which the endpoint refuses the first one. */
export async function stage(settings: Parameters<typeof frozenSandbox>[0] = {}) {
  const merchant = await endpoint();
  const sandbox = await frozenSandbox({ webhook: merchant.url, settings: { contract: blocks }, ...settings });
  onTestFinished(sandbox.close);
  const ids: string[] = [];
  for (let count = 0; count < 3; count += 1) ids.push(await paid(sandbox, count === 0 ? merchant : undefined));
  await sandbox.settle();
  const [a = "", b = "", c = ""] = ids;
  return { sandbox, ...merchant, a, b, c };
}

/** Pays a payment. @param refusing the endpoint that refuses its notification. */
export async function paid(sandbox: Sandbox, refusing?: { readonly refused: Set<string> }): Promise<string> {
  const { id } = await createPayment(sandbox);
  refusing?.refused.add(id);
  await sandbox.payments.act(id, "pay");
  return id;
}

export async function idsOf(world: World) {
  const { data } = await world.notifications.list();
  return data.toReversed().map(({ id }) => id) as [string, string, string];
}
