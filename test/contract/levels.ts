import { onTestFinished } from "vitest";
import { createSandbox, type SandboxOptions, type WorldHandle } from "../../src/index.ts";
import { paymentRequest } from "../support/merchant.ts";

type Contract = NonNullable<NonNullable<SandboxOptions["settings"]>["contract"]>;

/** A world under a contract profile. */
export interface StagedWorld extends WorldHandle {
  /** Body of a payment request in this world. */
  order(changes?: Parameters<typeof paymentRequest>[0]): ReturnType<typeof paymentRequest>;
}

async function sandboxWith(contract: Contract | undefined, settings: SandboxOptions["settings"]) {
  const changed = { ...settings, ...(contract === undefined ? {} : { contract }) };
  const sandbox = await createSandbox({ clock: "2026-01-05T09:00:00.000Z", settings: changed });
  onTestFinished(sandbox.close);
  return sandbox;
}

function staged(world: WorldHandle): StagedWorld {
  const account = world.processingAccountId;
  return Object.assign(world, { order: (changes = {}) => paymentRequest({ account, ...changes }) });
}

/** The places where a profile can be set. Each opens a world under it. @param settings further settings. */
export const levels: readonly {
  readonly level: string;
  readonly open: (contract: Contract, settings?: SandboxOptions["settings"]) => Promise<StagedWorld>;
}[] = [
  { level: "of the sandbox", open: async (contract, settings) => staged(await sandboxWith(contract, settings)) },
  {
    level: "of a new world",
    open: async (contract, settings = {}) =>
      staged(await (await sandboxWith(undefined, {})).world({ settings: { ...settings, contract } })),
  },
  {
    level: "by a change",
    open: async (contract, settings = {}) => {
      const world = await (await sandboxWith(undefined, {})).world({ settings });
      await world.change({ contract });
      return staged(world);
    },
  },
];
