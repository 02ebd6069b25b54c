/**
 * Bytes of heap and external memory that a payment takes, in process. Runs with --expose-gc. Arguments: `pending` or
 * `paid`, the number of payments, and the body of a create. Prints the bytes.
 */
import { createSandbox, type Sandbox } from "alipay-hk-sandbox";

const [state, countText, body] = process.argv.slice(2) as [string, string, string];
const count = Number(countText);
/** Fills the request log, which is bounded, before anything is measured. */
const warmUps = 2_000;
const atOnce = 16;

const webhook = () => new Response(null, { status: 204 });
await using sandbox = await createSandbox(state === "paid" ? { webhook } : {});

async function addPayment(into: Sandbox): Promise<void> {
  const answer = await into.fetch("/v1/payments", { method: "POST", body });
  const { id } = (await answer.json()) as { id: string };
  if (state === "paid") await into.payments.act(id, "pay");
}

async function addPayments(number: number): Promise<void> {
  let left = number;
  const goOn = async () => {
    while (left > 0) {
      left -= 1;
      await addPayment(sandbox);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, goOn));
  await sandbox.settle();
}

/** Collects until nothing more is freed. */
async function usedBytes(): Promise<number> {
  const { gc } = globalThis as { gc?: () => void };
  if (gc === undefined) throw new Error("node was started without --expose-gc");
  for (let round = 0; round < 4; round += 1) {
    gc();
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

await addPayments(warmUps);
const before = await usedBytes();
await addPayments(count);
const after = await usedBytes();
process.stdout.write(`${JSON.stringify((after - before) / count)}\n`);
