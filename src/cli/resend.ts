import type { Command, Flags, Positionals } from "./command.ts";
import { connect, orNotFound, serverFlags } from "./running-sandbox.ts";

export const resend: Command = {
  name: "resend",
  summary: "makes an extra attempt to deliver a notification",
  parameters: [{ name: "NOTIFICATION", help: "id of the notification" }],
  flags: serverFlags,
  run,
};

async function run(flags: Flags, [id = ""]: Positionals): Promise<void> {
  const sandbox = await connect(flags);
  const { state } = await sandbox.notifications.resend(id).catch(orNotFound(`notification ${id}`));
  process.stdout.write(`An attempt is due now; the notification was ${state}.\n`);
}
