import type { Page } from "playwright-core";
import { sharedBrowser } from "../test/support/browser.ts";
import { paymentRequest } from "../test/support/merchant.ts";
import { freePort } from "./free-port.ts";
import { median } from "./measuring.ts";
import { startPostgres } from "./postgres.ts";
import { type RunningReplica, startReplica } from "./replicas.ts";

const rounds = 30;
const warmUps = 3;

async function post<T>(url: string, body: object): Promise<T> {
  const answer = await fetch(url, { method: "POST", body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(`POST ${url}: ${answer.status} ${await answer.text()}`);
  return (await answer.json()) as T;
}

/** Whether a request is the long poll of the page. */
const isLongPoll = (message: { url(): string }) => message.url().includes("/status?seen=");

/** Delays after B's response to the payment, in milliseconds. */
interface Delays {
  /** Until A answers the long poll of the page. */
  readonly answered: number;
  /** Until the page shows the new status. */
  readonly shown: number;
}

/** Opens the page of a new payment on A, and pays it through B. */
async function payThroughOther(page: Page, a: RunningReplica, b: RunningReplica): Promise<Delays> {
  const payment = await post<{ id: string; nextStep: { redirect: { url: string } } }>(
    `${a.url}/v1/payments`,
    paymentRequest({ returnUrl: `${a.url}/_sandbox/health` }),
  );
  const longPoll = page.waitForRequest(isLongPoll);
  await page.goto(payment.nextStep.redirect.url);
  const longPollRequest = await longPoll;
  // A waits for changes by the time that it has answered these later requests.
  for (let count = 0; count < 5; count += 1) await (await fetch(`${a.url}/v1/payments/${payment.id}`)).arrayBuffer();
  const answer = longPollRequest.response().then(() => performance.now());
  const shown = page.locator("[data-testid=status][data-status=captured]").waitFor();
  await post(`${b.url}/_sandbox/payments/${payment.id}/actions`, { action: "pay" });
  const paidTime = performance.now();
  await shown;
  const shownTime = performance.now();
  return { answered: Math.max((await answer) - paidTime, 0), shown: shownTime - paidTime };
}

function report(what: string, values: readonly number[]): void {
  console.log(`  ${what.padEnd(34)} median ${median(values).toFixed(0)} ms, max ${Math.max(...values).toFixed(0)} ms`);
}

async function measure(url: string): Promise<void> {
  const start = async () => startReplica({ url, schema: "bench", port: await freePort() }, console.error);
  const [a, b] = [await start(), await start()];
  const browser = await sharedBrowser();
  try {
    const page = await browser.newPage();
    const all: Delays[] = [];
    for (let round = -warmUps; round < rounds; round += 1) {
      const delays = await payThroughOther(page, a, b);
      if (round >= 0) all.push(delays);
    }
    console.log(
      `${rounds} payments with the page open on replica A, paid through replica B: delay from B's response until`,
    );
    report(
      "A answers the long poll of the page",
      all.map(({ answered }) => answered),
    );
    report(
      "the page shows the new status",
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
