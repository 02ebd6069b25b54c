import { isHttpUrl } from "../domain/settings.ts";
import { holdCredentials, sandboxHandle } from "./client.ts";
import { type ConnectedSandbox, SandboxError } from "./handle.ts";
import { type Connection, requestControl, unreachable } from "./request.ts";

/** Options of a connection to a server. */
export interface ConnectOptions {
  /** The server's `--admin-token`, if configured. */
  readonly adminToken?: string | undefined;
}

/**
 * Connects to a running sandbox: a container, or a shared server. The handle is the same as that of `createSandbox`,
 * without `listen`; `credentials` are those at the time of the call. Rejects with `SandboxError`: `unreachable` if no
 * sandbox responds, `admin_token_required` if the token is missing or wrong.
 * @param url URL of the server, without path: `http://127.0.0.1:8852`.
 */
export async function connectSandbox(url: string | URL, options: ConnectOptions = {}): Promise<ConnectedSandbox> {
  const connection = connectTo(originOf(String(url)), options);
  const opened = await requestControl(connection)("GET", "/credentials");
  if (typeof opened.processingAccountId !== "string") throw unreachable(connection, "the response has no credentials");
  return sandboxHandle(
    connection,
    opened.processingAccountId,
    holdCredentials(connection, opened),
    async () => undefined,
  );
}

function originOf(url: string): string {
  if (isHttpUrl(url) && /^[^/]*\/\/[^/?#]*\/?$/.test(url)) return new URL(url).origin;
  const expected = "expected an http or https URL without path, such as http://127.0.0.1:8852";
  throw new SandboxError("invalid_request", `The URL is ${JSON.stringify(url)}; ${expected}.`);
}

/** Every request goes to this server, whatever host a URL names. Redirects are returned, not followed. */
function connectTo(origin: string, { adminToken }: ConnectOptions): Connection {
  return {
    url: origin,
    fetch: async (input, init) => {
      const { pathname, search } = new URL(input instanceof Request ? input.url : input, origin);
      const target = `${origin}${pathname}${search}`;
      const base = input instanceof Request ? new Request(target, input) : target;
      const request = new Request(base, { redirect: "manual", ...init });
      if (adminToken !== undefined && !request.headers.has("authorization")) {
        request.headers.set("authorization", `Bearer ${adminToken}`);
      }
      return fetch(request);
    },
  };
}
