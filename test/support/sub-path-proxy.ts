import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import { pipeline } from "node:stream";
import { createSandbox, type Sandbox, type SandboxOptions } from "../../src/index.ts";

/** A sandbox behind a reverse proxy that serves it below a path. */
export interface ProxiedSandbox extends AsyncDisposable {
  readonly sandbox: Sandbox;
  /** The public URL, with the path. */
  readonly url: string;
  /** Request lines outside of the path: the server has something else there. */
  readonly strays: readonly string[];
}

export interface ProxyOptions {
  /** Whether the proxy passes the client's `Host` on, or sends that of the sandbox. */
  readonly keepsHost?: boolean;
}

/** Opens a sandbox behind a proxy that removes `path` from requests. */
export async function behindProxy(
  path: string,
  options: SandboxOptions = {},
  { keepsHost = true }: ProxyOptions = {},
): Promise<ProxiedSandbox> {
  const strays: string[] = [];
  let target = "";
  const server = createServer((incoming, outgoing) => {
    const { method, url = "", headers } = incoming;
    if (url !== path && !url.startsWith(`${path}/`)) {
      strays.push(`${method} ${url}`);
      return outgoing.writeHead(404).end("another site");
    }
    const { host, hostname, port } = new URL(target);
    const inner = url.slice(path.length) || "/";
    const sent = keepsHost ? headers : { ...headers, host };
    const forwarded = request({ hostname, port, method, path: inner, headers: sent }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.rawHeaders);
      pipeline(answer, outgoing, () => undefined);
    });
    forwarded.on("error", () => outgoing.destroy());
    outgoing.on("close", () => forwarded.destroy());
    incoming.pipe(forwarded);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`;
  const sandbox = await createSandbox({ ...options, publicUrl: url });
  target = await sandbox.listen();
  return {
    sandbox,
    url,
    strays,
    [Symbol.asyncDispose]: async () => {
      server.close();
      server.closeAllConnections();
      await sandbox.close();
    },
  };
}
