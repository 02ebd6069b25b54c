import { configFromOptions } from "../config/config.ts";
import { environmentVariables } from "../domain/environment.ts";
import { systemClock } from "../platform/clock.ts";
import { composeSandbox } from "../sandbox/sandbox.ts";
import { Gateway } from "./gateway.ts";
import { Mailbox } from "./mailbox.ts";
import { MerchantServer } from "./merchant-server.ts";
import type { Plan } from "./plan.ts";
import { seededRandom } from "./random.ts";
import { Run } from "./run.ts";

/** A sandbox and a gateway for one rehearsal. */
export interface Setting extends AsyncDisposable {
  readonly run: Run;
  /** The variables that the merchant's server needs. */
  readonly variables: Readonly<Record<string, string>>;
}

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
  const gateway = await Gateway.open(port);
  const mailbox = new Mailbox();
  const config = configFromOptions({
    auth: "require",
    log: "silent",
    demo: false,
    publicUrl: gateway.url,
    webhookUrl: plan.publicUrl ?? plan.webhookUrl,
    clock: new Date(systemClock.now() - pastMs).toISOString(),
    settings: { outcomeDelayMs: 0, refundDelayMs: 0, returnDelayMs: 0, magicAmounts: false },
  });
  const sandbox = await composeSandbox(config, { endpoints: mailbox.endpoints });
  gateway.forwardTo(await sandbox.listen());
  const variables = Object.fromEntries(environmentVariables(sandbox.credentials));
  const server = new MerchantServer(plan, directory, variables);
  const fetchPage = (url: string, init?: RequestInit) => sandbox.fetch(url, init);
  const run = new Run({ plan, world: sandbox, gateway, mailbox, server, random: seededRandom(seed), fetchPage });
  return {
    run,
    variables,
    [Symbol.asyncDispose]: async () => {
      await server.stop();
      await gateway.close();
      await sandbox.close();
    },
  };
}
