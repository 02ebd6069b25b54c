import { SandboxError } from "../client/handle.ts";
import { ConfigError } from "../config/config.ts";
import { shortOrIsoDurationMs } from "../domain/duration.ts";
import { pause, systemClock } from "../platform/clock.ts";
import type { Command, Flags } from "./command.ts";
import { type Server, send, serverFlags, serverOf } from "./running-sandbox.ts";

export const ready: Command = {
  name: "ready",
  summary: "health check: exits with 0 if a sandbox is ready, else with 1",
  parameters: [],
  flags: [
    {
      name: "wait",
      placeholder: "DURATION",
      help: "waits until it is ready, but not longer than this, such as 30s, or PT30S in ISO 8601",
    },
    ...serverFlags,
  ],
  run,
};

/** Interval between two attempts of `--wait`, in milliseconds. */
const retryMs = 250;

async function run(flags: Flags): Promise<void> {
  const found = serverOf(flags);
  // A check of the own machine must not depend on the names of a certificate. It sends no secret.
  const isOwn = flags.url === undefined && found.ca === undefined;
  const server: Checked = isOwn ? { ...found, adminToken: undefined, trust: "any" } : found;
  const end = flags.wait === undefined ? undefined : endOfWait(flags.wait);
  const version = await versionWhenReady(server, end);
  process.stdout.write(`The sandbox at ${server.url} is ready: version ${version}.\n`);
}

interface Checked extends Server {
  readonly trust?: "any";
}

/** Aborts at the end of `--wait`. */
function endOfWait(wait: string): AbortSignal {
  const waitMs = shortOrIsoDurationMs(wait) ?? 0;
  if (waitMs === 0) {
    throw new ConfigError(
      `--wait is ${JSON.stringify(wait)}; expected a duration above zero, such as 30s, or PT30S in ISO 8601.`,
    );
  }
  const end = new AbortController();
  systemClock.after(waitMs, () => end.abort(new Error(`it did not answer within ${wait}`)));
  return end.signal;
}

/** Asks until the sandbox is ready or the signal aborts; without a signal, once. Rejects with `SandboxError`. */
async function versionWhenReady(server: Checked, end?: AbortSignal): Promise<string | undefined> {
  let failure: unknown;
  for (;;) {
    try {
      return await versionIfReady(server, end);
    } catch (error) {
      // The end of the wait may abort an attempt: the one before says more.
      if (failure === undefined || !end?.aborted) failure = error;
    }
    if (end !== undefined) await pause(retryMs, end);
    if (end?.aborted !== false) throw failure;
  }
}

async function versionIfReady(server: Checked, signal?: AbortSignal): Promise<string | undefined> {
  const response = await send(server, "/_sandbox/ready", signal && { signal }, server.trust);
  const body = (await response.json().catch(() => undefined)) as { status?: string; version?: string } | undefined;
  if (body?.status === "ready") return body.version;
  const state = typeof body?.status === "string" ? `it is ${body.status}` : `it answers ${response.status}`;
  throw new SandboxError("not_ready", `The sandbox at ${server.url} is not ready: ${state}.`);
}
