import { createSandbox as createPlainSandbox, type Sandbox, type SandboxOptions } from "../../src/index.ts";
import { takeSchema } from "./postgres-schemas.ts";

// Replaces src/index.ts in the test project `postgres`: each sandbox gets its own schema.

export * from "../../src/index.ts";

/** Kept small, because the sandboxes of many tests share one server. */
const storeConnections = 4;
/** Kept long, because a machine that runs many tests is slow. */
const storeTimeout = "PT1M";

/** The sandboxes that no test has closed yet, with the places that opened them. */
const open = new Map<Sandbox, string>();

/** Where the sandboxes were opened that are still open. */
export function openSandboxes(): string[] {
  return [...open.values()];
}

export async function createSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  if (options.store !== undefined) return createPlainSandbox(options);
  const schema = await takeSchema();
  const sandbox = await createPlainSandbox({
    ...options,
    store: schema.url,
    storeSchema: schema.name,
    storeConnections: options.storeConnections ?? storeConnections,
    storeTimeout: options.storeTimeout ?? storeTimeout,
  }).catch(async (error) => {
    await schema.release();
    throw error;
  });
  open.set(sandbox, new Error("a sandbox is still open").stack ?? "");
  const closePlain = sandbox.close;
  let closed: Promise<void> | undefined;
  const close = () => {
    open.delete(sandbox);
    closed ??= closePlain().then(schema.release);
    return closed;
  };
  return Object.assign(sandbox, { close, [Symbol.asyncDispose]: close });
}

export async function withSandbox<T>(options: SandboxOptions, run: (sandbox: Sandbox) => Promise<T>): Promise<T> {
  const sandbox = await createSandbox(options);
  try {
    return await run(sandbox);
  } finally {
    await sandbox.close();
  }
}
