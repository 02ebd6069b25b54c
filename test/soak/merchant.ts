import type { ConnectedSandbox, WorldHandle } from "../../src/index.ts";
import type { Dice } from "../support/dice.ts";
import type { Counts } from "./counts.ts";
import { type Endpoint, startEndpoint } from "./endpoint.ts";

/** Scenarios whose fault a merchant meets with a repetition of the request. */
const faults = ["response_lost", "server_error_before", "server_error_after", "rate_limited"] as const;
const outcomes = ["paid", "declined_insufficient_funds", "declined_risk", "failed", "cancelled_by_consumer"] as const;
const tellings = ["webhook_twice", "webhook_late", "webhook_out_of_order"] as const;

/** Longer than the retries of a notification go on. */
const afterAllRetries = "P7D";

interface Life {
  readonly sandbox: ConnectedSandbox;
  readonly world: WorldHandle;
  readonly endpoint: Endpoint;
  readonly dice: Dice;
  readonly counts: Counts;
}

interface Created {
  readonly id: string;
  readonly reference: string;
}

/** Opens one world after another, uses each for a while, checks its records, and removes it, until `isOver`. */
export async function workUntil(
  isOver: () => boolean,
  sandbox: ConnectedSandbox,
  dice: Dice,
  counts: Counts,
): Promise<void> {
  while (!isOver()) {
    let hmacKey = "";
    const endpoint = await startEndpoint(counts, () => hmacKey);
    try {
      await using world = await sandbox.world({ webhook: endpoint.url, clock: "2026-01-05T09:00:00Z" });
      hmacKey = world.credentials.hmacKey;
      counts.worlds += 1;
      const rounds = dice.from(1, 3);
      for (let round = 0; round < rounds; round += 1) {
        await playRound({ sandbox, world, endpoint, dice, counts }, round);
        await world.reset();
        counts.resets += 1;
      }
    } finally {
      await endpoint.close();
    }
    counts.removals += 1;
  }
}

/** Creates payments, decides them, lets their webhooks arrive in spite of the endpoint, and checks all records. */
async function playRound(life: Life, round: number): Promise<void> {
  const { world, endpoint, dice, counts } = life;
  endpoint.acknowledged.clear();
  endpoint.refuses(dice.happens(0.3));
  endpoint.isAway(dice.happens(0.3));
  const created: Created[] = [];
  const count = dice.from(5, 25);
  for (let index = 0; index < count; index += 1) created.push(await createPayment(life, `${round}-${index}`));
  for (const payment of created) await decide(life, payment);
  await openPages(life);
  endpoint.isAway(false);
  endpoint.refuses(false);
  counts.clockMoves += 1;
  await world.clock.advance(afterAllRetries);
  await world.settle();
  await checkRecords(life, created);
}

/** Creates a payment, and repeats the request with its key after a fault that a scenario has caused. */
async function createPayment(life: Life, reference: string): Promise<Created> {
  const { world, dice } = life;
  const kind = dice.pick(["plain", "fault", "outcome", "telling"] as const);
  if (kind === "fault") await world.scenarios.next(dice.pick(faults));
  if (kind === "outcome") await world.scenarios.next(dice.pick(outcomes));
  if (kind === "telling") await world.scenarios.next(dice.pick(tellings));
  const body = {
    processingAccountId: world.processingAccountId,
    merchantReference: reference,
    amount: { value: dice.from(2, 500), currency: "hkd" },
    paymentMethod: {
      type: "alipay_hk",
      alipayHk: { returnUrl: "https://merchant.example/return", flowType: dice.pick(["qr_link", "mobile_redirect"]) },
    },
  };
  const path = `/v1/payments?idempotencyKey=soak-${reference}`;
  const { id } = await sendUntilCreated(life, path, body, kind === "fault");
  life.counts.payments += 1;
  return { id, reference };
}

async function sendUntilCreated(
  { world, counts }: Life,
  path: string,
  body: object,
  hasFault: boolean,
): Promise<{ readonly id: string }> {
  for (let attempt = 0; ; attempt += 1) {
    counts.requests += 1;
    const response = await world.request("POST", path, body).catch((error: unknown) => {
      if (!hasFault) throw error;
      return undefined;
    });
    const text = await response?.text();
    if (response?.status === 201 && text !== undefined) return JSON.parse(text) as { id: string };
    counts.faults += 1;
    if (!hasFault || attempt > 0) throw new Error(`${path} was answered ${response?.status}: ${text}`);
  }
}

async function decide(life: Life, { id }: Created): Promise<void> {
  const { world, dice, counts } = life;
  const { status } = await world.payments.get(id);
  if (status !== "pending") return;
  const action = dice.pick(["pay", "pay", "pay", "cancel", "decline", "expire", "nothing"] as const);
  if (action === "nothing") return;
  const acted = await world.payments.act(id, action);
  if (acted.status !== "captured" || !dice.happens(0.5)) return;
  counts.refunds += 1;
  const body = { merchantReference: `refund of ${id}` };
  await sendUntilCreated(life, `/v1/payments/${id}/refunds?idempotencyKey=refund-${id}`, body, false);
}

async function openPages({ sandbox, world, counts }: Life): Promise<void> {
  const query = `world=${world.processingAccountId}`;
  const { data } = await world.payments.list({ limit: 5 });
  const views = await Promise.all(data.map(({ id }) => world.payments.get(id)));
  const pages = [`/?${query}`, `/inspector/requests?${query}`, ...views.map((view) => view.pages.pay)];
  for (const page of pages) {
    counts.pages += 1;
    const { pathname, search } = new URL(page, "http://sandbox");
    const response = await sandbox.fetch(pathname + search);
    await response.text();
    if (response.status !== 200) counts.wrong.push(`${page} answers ${response.status}`);
  }
}

/** Nothing is lost, doubled or left undecided. */
async function checkRecords({ world, endpoint, counts }: Life, created: readonly Created[]): Promise<void> {
  const { data: payments } = await world.payments.list({ limit: 1000 });
  const ids = (list: readonly { readonly id: string }[]) => list.map(({ id }) => id).toSorted();
  if (`${ids(payments)}` !== `${ids(created)}`) counts.wrong.push("the list has other payments than those created");
  const pending = payments.filter(({ status }) => status === "pending");
  if (pending.length > 0) counts.wrong.push(`${pending.length} payments are pending after their expiry`);
  const { data: notifications } = await world.notifications.list({ limit: 1000 });
  for (const { id, state, paymentId } of notifications) {
    if (state !== "delivered") counts.wrong.push(`the notification ${id} of ${paymentId} is ${state}`);
    else if (!endpoint.acknowledged.has(id)) counts.wrong.push(`the notification ${id} is delivered, but not received`);
    else counts.delivered += 1;
  }
  for (const { id, status } of payments) {
    if (status === "captured" || status === "refunded") counts.captured += 1;
    if (!notifications.some(({ paymentId }) => paymentId === id)) counts.wrong.push(`no notification about ${id}`);
  }
}
