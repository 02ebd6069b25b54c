import type { Sandbox } from "../client/handle.ts";
import { contractSpelling } from "../domain/contract.ts";
import type { CodeContract, ContractChanges } from "../domain/contract-rules.ts";
import { createSandbox } from "../sandbox/sandbox.ts";
import { notificationInbox } from "./inbox.ts";
import { NotReached } from "./safety.ts";
import { type MerchantKeys, type Subject, signedSender } from "./subject.ts";

/** This sandbox under a profile, to be examined as the target was. */
export interface Reference extends AsyncDisposable {
  readonly subject: Subject;
}

/**
 * Opens a sandbox in this process.
 * @param auth whether the target refuses requests without a signature.
 */
export async function openReference(
  contract: ContractChanges | undefined,
  auth: "verify" | "require",
  returnUrl: string,
): Promise<Reference> {
  const keys: { current?: MerchantKeys } = {};
  const inbox = notificationInbox(() => keys.current?.hmacKey ?? "");
  const webhook = (request: Request) => inbox.handle(request, request.url);
  const settings = contract === undefined ? {} : { contract: contractSpelling.code?.write?.(contract) as CodeContract };
  const sandbox = await createSandbox({ auth, clock: "2026-01-05T09:00:00.000Z", settings, webhook, log: "silent" });
  keys.current = sandbox.credentials;
  return { subject: subjectOf(sandbox, returnUrl, inbox), [Symbol.asyncDispose]: () => sandbox[Symbol.asyncDispose]() };
}

function subjectOf(sandbox: Sandbox, returnUrl: string, inbox: Subject["inbox"]): Subject {
  return {
    processingAccountId: sandbox.processingAccountId,
    returnUrl,
    inbox,
    returns: { url: "https://example.com/back-from-payment", received: [] },
    send: signedSender((target, init) => sandbox.fetch(target, init), sandbox.credentials),
    wait: async (seconds) => {
      await sandbox.clock.advance(`PT${seconds}S`);
      return true;
    },
    payer: {
      act: async (action, { id }) => void (await sandbox.payments.act(id, action)),
      goBack: async () => {
        throw new NotReached("the sandbox in this process has no browser");
      },
    },
  };
}
