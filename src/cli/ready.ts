import { SandboxError } from "../client/handle.ts";
import type { Command, Flags } from "./command.ts";
import { send, serverFlags, serverOf } from "./running-sandbox.ts";

export const ready: Command = {
  name: "ready",
  summary: "health check: exits with 0 if a sandbox is ready, else with 1",
  parameters: [],
  flags: serverFlags,
  run,
};

async function run(flags: Flags): Promise<void> {
  const server = serverOf(flags);
  const response = await send(server, "/_sandbox/ready");
  const body = (await response.json().catch(() => undefined)) as { status?: string; version?: string } | undefined;
  if (body?.status !== "ready") {
    const state = typeof body?.status === "string" ? `it is ${body.status}` : `it answers ${response.status}`;
    throw new SandboxError("not_ready", `The sandbox at ${server.url} is not ready: ${state}.`);
  }
  process.stdout.write(`The sandbox at ${server.url} is ready: version ${body.version}.\n`);
}
