import type { ConnectedSandbox } from "../client/handle.ts";
import type { Command, Flags, Positionals } from "./command.ts";
import { connect, orNotFound, serverFlags } from "./running-sandbox.ts";

export const trigger: Command = {
  name: "trigger",
  summary: "acts on a payment as the payer's buttons do, and prints the new status",
  parameters: [
    { name: "ACTION", help: "scan, pay, decline, cancel, expire or fail" },
    { name: "PAYMENT", help: "id of the payment" },
  ],
  flags: [{ name: "reason", placeholder: "REASON", help: "why the wallet declines" }, ...serverFlags],
  run,
};

/** The sandbox validates the action and the reason. */
type ActArguments = Parameters<ConnectedSandbox["payments"]["act"]>;

async function run(flags: Flags, [action = "", paymentId = ""]: Positionals): Promise<void> {
  const sandbox = await connect(flags);
  const act = sandbox.payments.act(paymentId, action as ActArguments[1], flags.reason as ActArguments[2]);
  const { status } = await act.catch(orNotFound(`payment ${paymentId}`));
  process.stdout.write(`${status}\n`);
}
