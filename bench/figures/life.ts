import { freePort } from "../../scripts/free-port.ts";
import { inTurns } from "../measuring.ts";
import { runProgram } from "../processes.ts";
import { seedPayment } from "../targets/payment.ts";
import { sandbox } from "../targets/sandbox.ts";
import { withTarget } from "../targets/target.ts";
import { type Bench, cannot, type Figure } from "./figure.ts";

const parallels = [1, 50];

export const life: Figure = async (bench) => {
  const values = await inTurns(bench.scale.turns, parallels, (parallel) => livesPerSecond(parallel, bench));
  return parallels.map((parallel, index) => ({
    name: `life-${parallel}`,
    title: `The whole life of a payment, ${parallel} at a time`,
    unit: "per second",
    better: "higher",
    rows: [{ name: "sandbox", title: "this sandbox", value: values[index] ?? "cannot" }, ...cannot(bench.peers)],
    notes: ["Create, pay, receive the webhook, refund. emulate has no refunds, and stripe-stateful-mock no webhooks."],
  }));
};

async function livesPerSecond(parallel: number, { scale }: Bench): Promise<number> {
  const webhookPort = await freePort();
  const target = sandbox(["--webhook-url", `http://127.0.0.1:${webhookPort}/webhooks`]);
  return withTarget(target, async ({ url }) => {
    const { warmUpSeconds, seconds } = scale;
    const order = { url, webhookPort, parallel, warmUpSeconds, seconds, payment: seedPayment };
    const { lives, ms } = await runProgram<{ lives: number; ms: number }>("life", [JSON.stringify(order)]);
    return (lives / ms) * 1000;
  });
}
