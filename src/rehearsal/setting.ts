import type { Credentials } from "../client/types.ts";
import { type Config, configFromOptions } from "../config/config.ts";
import { environmentVariables } from "../domain/environment.ts";
import { systemClock } from "../platform/clock.ts";
import { composeSandbox } from "../sandbox/sandbox.ts";
import { Gateway } from "./gateway.ts";
import { Mailbox } from "./mailbox.ts";
import { MerchantServer } from "./merchant-server.ts";
import { type Plan, SetupError } from "./plan.ts";
import { seededRandom } from "./random.ts";
import { Run } from "./run.ts";

/** A sandbox and a gateway for one rehearsal. */
export interface Setting extends AsyncDisposable {
  readonly run: Run;
  /** The variables that the merchant's server needs. */
  readonly variables: Readonly<Record<string, string>>;
}

/** What a setting is opened for. */
export interface SettingOptions {
  readonly plan: Plan;
  /** Folder of the plan. */
  readonly directory: string;
  readonly seed: string;
  /** Port of the gateway; 0 takes any free one. */
  readonly port: number;
  /** Time before now at which the world begins, in milliseconds. */
  readonly pastMs: number;
}

/**
 * Opens a sandbox whose world begins in the past with a frozen clock. Outcomes and refunds have no delay, so that a
 * case needs no time. The keys are the same for every run, so that a server that runs already can have them.
 */
export async function openSetting({ plan, directory, seed, port, pastMs }: SettingOptions): Promise<Setting> {
  const gateway = await openGateway(port);
  const mailbox = new Mailbox();
  const sandbox = await openSandbox(gateway, mailbox, plan, pastMs).catch(async (error: unknown) => {
    await gateway.close();
    throw error;
  });
  const variables = Object.fromEntries(environmentVariables(sandbox.credentials));
  const server = new MerchantServer(plan, directory, variables);
  const fetchPage = (url: string, init?: RequestInit) => sandbox.fetch(url, init);
  const random = seededRandom(seed);
  const run = new Run({ plan, directory, world: sandbox, gateway, mailbox, server, random, fetchPage });
  return {
    run,
    variables,
    [Symbol.asyncDispose]: async () => {
      try {
        await server.close();
      } finally {
        await gateway.close();
        await sandbox.close();
      }
    },
  };
}

/** Opens the sandbox behind the gateway. */
async function openSandbox(gateway: Gateway, mailbox: Mailbox, plan: Plan, pastMs: number) {
  const config = configAt(gateway.url, {
    webhookUrl: plan.publicUrl ?? plan.webhookUrl,
    clock: new Date(systemClock.now() - pastMs).toISOString(),
  });
  const sandbox = await composeSandbox(config, { endpoints: mailbox.endpoints });
  try {
    gateway.forwardTo(await sandbox.listen());
    return sandbox;
  } catch (error) {
    await sandbox.close();
    throw error;
  }
}

function configAt(publicUrl: string, more: { readonly webhookUrl?: string; readonly clock?: string } = {}): Config {
  return configFromOptions({
    auth: "require",
    log: "silent",
    demo: false,
    publicUrl,
    settings: { outcomeDelayMs: 0, refundDelayMs: 0, returnDelayMs: 0, magicAmounts: false },
    ...more,
  });
}

/** Opens the gateway. Rejects with `SetupError` for a port that is in use or not allowed. */
async function openGateway(port: number): Promise<Gateway> {
  return Gateway.open(port).catch((error: NodeJS.ErrnoException) => {
    if (error.syscall !== "listen") throw error;
    throw new SetupError(
      `The port ${port} of the rehearsal cannot be opened: ${error.message}. Use another --port, or end the program.`,
    );
  });
}

/** The merchant's keys, which every rehearsal has, for a server that the user starts. @param port of the gateway. */
export async function credentialsAt(port: number): Promise<Credentials> {
  await using sandbox = await composeSandbox(configAt(`http://127.0.0.1:${port}`));
  return sandbox.credentials;
}
