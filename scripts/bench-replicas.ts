import type { Page } from "playwright-core";
import { startBrowser } from "../test/support/browser.ts";
import { paymentRequest } from "../test/support/merchant.ts";
import { median } from "./measuring.ts";
import { freePort, startPostgres } from "./postgres.ts";
import { type RunningReplica, startReplica } from "./replicas.ts";

const rounds = 30;
const warmUps = 3;

async function post<T>(url: string, body: object): Promise<T> {
  const answer = await fetch(url, { method: "POST", body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(`${url} was answered ${answer.status}: ${await answer.text()}`);
  return (await answer.json()) as T;
}

/** Whether a request is the one that the page holds until something changes. */
const isHeld = (message: { url(): string }) => message.url().includes("/status?seen=");

/** Milliseconds from B's answer to the payment until A answers what the page holds, and until the page shows it. */
interface Took {
  readonly answered: number;
  readonly shown: number;
}

/** Opens the page of a new payment on A, and lets it be paid through B. */
async function payElsewhere(page: Page, a: RunningReplica, b: RunningReplica): Promise<Took> {
  const payment = await post<{ id: string; nextStep: { redirect: { url: string } } }>(
    `${a.url}/v1/payments`,
    paymentRequest({ returnUrl: `${a.url}/_sandbox/health` }),
  );
  const held = page.waitForRequest(isHeld);
  await page.goto(payment.nextStep.redirect.url);
  const heldRequest = await held;
  // It has begun to wait once what came after it is answered.
  for (let count = 0; count < 5; count += 1) await (await fetch(`${a.url}/v1/payments/${payment.id}`)).arrayBuffer();
  const answer = heldRequest.response().then(() => performance.now());
  const shown = page.locator("[data-testid=status][data-status=captured]").waitFor();
  await post(`${b.url}/_sandbox/payments/${payment.id}/actions`, { action: "pay" });
  const paidTime = performance.now();
  await shown;
  const shownTime = performance.now();
  return { answered: Math.max((await answer) - paidTime, 0), shown: shownTime - paidTime };
}

function tell(what: string, values: readonly number[]): void {
  console.log(`  ${what.padEnd(34)} median ${median(values).toFixed(0)} ms, max ${Math.max(...values).toFixed(0)} ms`);
}

async function measure(url: string): Promise<void> {
  const start = async () => startReplica({ url, schema: "bench", port: await freePort() }, console.error);
  const [a, b] = [await start(), await start()];
  const browser = await startBrowser();
  try {
    const page = await browser.newPage();
    const all: Took[] = [];
    for (let round = -warmUps; round < rounds; round += 1) {
      const took = await payElsewhere(page, a, b);
      if (round >= 0) all.push(took);
    }
    console.log(`${rounds} payments whose page is open on replica A, paid through replica B: from B's answer until`);
    tell(
      "A answers the page's held request",
      all.map(({ answered }) => answered),
    );
    tell(
      "the page shows it",
      all.map(({ shown }) => shown),
    );
  } finally {
    await browser.close();
    await Promise.all([a.stop(), b.stop()]);
  }
}

const postgres = await startPostgres();
try {
  await measure(postgres.url);
} finally {
  await postgres.stop();
}
