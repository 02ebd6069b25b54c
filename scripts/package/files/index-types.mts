import { createSandbox, type PaymentResource, SandboxError, type WorldHandle } from "alipay-hk-sandbox";

export async function firstStatus(world: WorldHandle): Promise<PaymentResource["status"] | undefined> {
  const sandbox = await createSandbox({ auth: "require" });
  // @ts-expect-error: the types are known
  await createSandbox({ auth: "sometimes" });
  await sandbox.close();
  const error = new SandboxError("unreachable", world.processingAccountId);
  return error.code === "unreachable" ? "pending" : undefined;
}
