import { type ConnectedSandbox, connectSandbox, createSandbox, type SandboxOptions } from "../../src/index.ts";

/** Opens a sandbox whose clock stands at nine in the morning. */
type Open = (options?: SandboxOptions) => Promise<ConnectedSandbox>;

const frozen = { clock: "2026-01-05T09:00:00.000Z" } as const;
const adminToken = "secret";

const inProcess: Open = (options) => createSandbox({ ...frozen, ...options });

/** Over HTTP to a server that wants a token; closing the handle closes that server too. */
const connected: Open = async (options) => {
  const server = await createSandbox({ ...frozen, adminToken, ...options });
  const sandbox = await connectSandbox(await server.listen(), { adminToken });
  const close = () => server.close();
  return Object.assign(sandbox, { close, [Symbol.asyncDispose]: close });
};

/** The two kinds of handle, which do the same. */
export const handles: readonly (readonly [kind: string, open: Open])[] = [
  ["in process", inProcess],
  ["connected", connected],
];
