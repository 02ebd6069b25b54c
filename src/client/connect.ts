import { isHttpUrl } from "../domain/settings.ts";
import { isLoopback, webhookReceiver } from "../platform/receiver.ts";
import type { WebhookHandler } from "../platform/sender.ts";
import { type Trust, trustingFetch } from "../platform/trusting-fetch.ts";
import { holdCredentials, sandboxHandle } from "./client.ts";
import { type ConnectedSandbox, SandboxError } from "./handle.ts";
import { checkOptions } from "./options.ts";
import { type Connection, requestControl, unreachable } from "./request.ts";

export type { Trust };

/** Options of a connection to a server. */
export interface ConnectOptions {
  /** The server's `--admin-token`, if configured. */
  readonly adminToken?: string | undefined;
  /** Certificates of the CAs of a server with https, PEM. Without it, those that Node trusts. */
  readonly ca?: string | undefined;
  /** Clock of the worlds that the handle opens: `running`, or the instant of a frozen clock. */
  readonly clock?: string | undefined;
  /** Endpoint of the worlds that the handle opens: a URL, or a function of this process, which gets a port. */
  readonly webhook?: string | WebhookHandler | undefined;
  /**
   * Name or address under which the sandbox reaches this process; required for a function as endpoint if the sandbox is
   * on another machine or in a container. By default 127.0.0.1.
   */
  readonly webhookHost?: string | undefined;
}

/**
 * Connects to a running sandbox: a container, or a shared server. The handle is the same as that of `createSandbox`,
 * without `listen`; `credentials` are those at the time of the call. The demo world of the server does not change:
 * `clock` and `webhook` apply to worlds that the handle opens. Rejects with `SandboxError`: `unreachable` if no sandbox
 * responds, `admin_token_required` if the token is missing or wrong, `invalid_request` for a wrong option.
 * @param url URL of the server, without path: `http://127.0.0.1:8852`.
 */
export async function connectSandbox(url: string | URL, options: ConnectOptions = {}): Promise<ConnectedSandbox> {
  checkOptions("connectSandbox()", options, ["adminToken", "ca", "clock", "webhook", "webhookHost"]);
  const { adminToken, ca, clock, webhook, webhookHost } = options;
  const origin = originOf(String(url));
  const receiver = webhookReceiver(checkHost(webhookHost) ?? "127.0.0.1");
  const checkReach = () => {
    if (webhookHost !== undefined || isLoopback(new URL(origin).hostname)) return;
    const remedy = "give webhookHost, the name under which it reaches this process";
    throw new SandboxError("invalid_request", `The webhook is a function, and the sandbox is at ${origin}: ${remedy}.`);
  };
  if (typeof webhook === "function") checkReach();
  const add = (handler: WebhookHandler) => {
    checkReach();
    return receiver.add(handler);
  };
  const trust = ca === undefined ? undefined : { ca };
  const connection = { ...connectTo(origin, { adminToken, trust }), endpoints: { add, remove: receiver.remove } };
  const opened = await requestControl(connection)("GET", "/credentials");
  if (typeof opened.processingAccountId !== "string") throw unreachable(connection, "the response has no credentials");
  const credentials = holdCredentials(connection, opened);
  const close = () => receiver.close();
  return sandboxHandle(connection, opened.processingAccountId, credentials, close, { clock, webhook });
}

function checkHost(host: string | undefined): string | undefined {
  if (host === undefined || /^([\w.-]+|\[[\da-f:]+\])$/i.test(host)) return host;
  const expected = "expected a name or address without port, such as host.docker.internal";
  throw new SandboxError("invalid_request", `The option webhookHost is ${JSON.stringify(host)}; ${expected}.`);
}

function originOf(url: string): string {
  if (isHttpUrl(url) && /^[^/]*\/\/[^/?#]*\/?$/.test(url)) return new URL(url).origin;
  const expected = "expected an http or https URL without path, such as http://127.0.0.1:8852";
  throw new SandboxError("invalid_request", `The URL is ${JSON.stringify(url)}; ${expected}.`);
}

/** Every request goes to this server, whatever host a URL names. Redirects are returned, not followed. */
export function connectTo(
  origin: string,
  { adminToken, trust }: Pick<ConnectOptions, "adminToken"> & { readonly trust?: Trust | undefined },
): Connection {
  const send = trust === undefined || !origin.startsWith("https:") ? undefined : trustingFetch(trust);
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
      return send === undefined ? fetch(request) : send(request);
    },
  };
}
