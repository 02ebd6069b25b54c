import { isHttpUrl } from "../domain/settings.ts";
import type { PresentedCredentials } from "../http/control/merchants.ts";
import { keyringOf, sandboxHandle } from "./client.ts";
import { type ConnectedSandbox, SandboxError } from "./handle.ts";
import { askThrough, type Connection, noSandbox } from "./request.ts";

/** What a server wants to know of who connects. */
export interface ConnectOptions {
  /** The server's `--admin-token`, where it has one. */
  readonly adminToken?: string | undefined;
}

/**
 * Connects to a sandbox that runs elsewhere: a container, or a server that many share. The handle is the same as that of
 * `createSandbox`, but for `listen`; `credentials` are as of connecting. Rejects with `SandboxError`: `unreachable` where
 * no sandbox answers, `admin_token_required` where the token is missing or wrong.
 * @param url the server's, without path: `http://127.0.0.1:8852`.
 */
export async function connectSandbox(url: string | URL, options: ConnectOptions = {}): Promise<ConnectedSandbox> {
  const connection = connectTo(originOf(String(url)), options);
  const opened = await askThrough(connection)<PresentedCredentials>("GET", "/credentials");
  if (typeof opened.processingAccountId !== "string") throw noSandbox(connection, "what answered has no credentials");
  return sandboxHandle(connection, opened.processingAccountId, keyringOf(connection, opened), async () => undefined);
}

function originOf(url: string): string {
  if (isHttpUrl(url) && /^[^/]*\/\/[^/?#]*\/?$/.test(url)) return new URL(url).origin;
  const expected = "expected an http or https URL without path, such as http://127.0.0.1:8852";
  throw new SandboxError("invalid_request", `The URL is ${JSON.stringify(url)}; ${expected}.`);
}

/** Every request goes to the one server, as in process, and redirects are answers like any other. */
function connectTo(origin: string, { adminToken }: ConnectOptions): Connection {
  return {
    url: origin,
    fetch: async (input, init) => {
      const { pathname, search } = new URL(input instanceof Request ? input.url : input, origin);
      const target = `${origin}${pathname}${search}`;
      const asked = input instanceof Request ? new Request(target, input) : target;
      const request = new Request(asked, { redirect: "manual", ...init });
      if (adminToken !== undefined && !request.headers.has("authorization")) {
        request.headers.set("authorization", `Bearer ${adminToken}`);
      }
      return fetch(request);
    },
  };
}
