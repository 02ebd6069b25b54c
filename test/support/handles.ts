import { type ConnectedSandbox, connectSandbox, createSandbox, type SandboxOptions } from "../../src/index.ts";

/** Opens a sandbox with a clock frozen at nine in the morning. */
type Open = (options?: SandboxOptions) => Promise<ConnectedSandbox>;

const frozen = { clock: "2026-01-05T09:00:00.000Z" } as const;
const adminToken = "secret";

const inProcess: Open = (options) => createSandbox({ ...frozen, ...options });

/** Connects over HTTP to a server with an admin token. Closing the handle closes the server too. */
const connected: Open = async (options) => {
  const server = await createSandbox({ ...frozen, adminToken, ...options });
  const sandbox = await connectSandbox(await server.listen(), { adminToken });
  const close = () => server.close();
  return Object.assign(sandbox, { close, [Symbol.asyncDispose]: close });
};

/** The two kinds of handle. They behave the same. */
export const handles: readonly (readonly [kind: string, open: Open])[] = [
  ["in process", inProcess],
  ["connected", connected],
];
