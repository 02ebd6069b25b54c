import { randomIds } from "./ids.ts";
import type { WebhookHandler } from "./sender.ts";
import { type RunningServer, startServer } from "./server.ts";

/** Webhook endpoints that are functions in this process, on a port that another process can reach. */
export interface Receiver {
  /** Registers a function; the first one opens the port. @returns its unguessable URL. */
  add(handler: WebhookHandler): Promise<string>;
  /** Removes the function: later webhooks to the URL get 404. */
  remove(url: string): void;
  /** Closes the port. */
  close(): Promise<void>;
}

const timeoutMs = 30_000;

/**
 * @param host the name under which senders reach this process. Without a loopback name the port is on all interfaces.
 */
export function webhookReceiver(host: string): Receiver {
  const ids = randomIds();
  const handlers = new Map<string, WebhookHandler>();
  let server: Promise<RunningServer> | undefined;
  const open = () =>
    openReceiver({ host: isLoopback(host) ? "127.0.0.1" : "0.0.0.0", port: 0 }, (request) => {
      const handler = handlers.get(new URL(request.url).pathname);
      return handler?.(request) ?? new Response("No function is registered at this URL.", { status: 404 });
    });
  return {
    async add(handler) {
      server ??= open();
      const { port } = (await server).address;
      const path = `/${ids.token("webhook", "")}`;
      handlers.set(path, handler);
      return `http://${host}:${port}${path}`;
    },
    remove: (url) => void handlers.delete(new URL(url).pathname),
    close: async () => {
      const running = server;
      server = undefined;
      handlers.clear();
      await (await running)?.close();
    },
  };
}

/** Opens a port for a function. Rejects with the error of the system. @param address port 0 takes any free one. */
export function openReceiver(
  address: { readonly host: string; readonly port: number },
  handler: WebhookHandler,
): Promise<RunningServer> {
  return startServer({
    ...address,
    requestTimeoutMs: timeoutMs,
    closeTimeoutMs: 0,
    refusedByParser: "",
    refusedHeaders: "",
    onUnreadable: () => undefined,
    endTimeoutMs: 1_000,
    connectionsMax: 1_000,
    alwaysAnswered: [],
    refusedByLimit: "",
    turns: { pause: () => undefined },
    onFull: () => undefined,
    onAcceptError: () => undefined,
    fetch: handler,
  });
}

/** Whether a host name or address is this machine's own. */
export function isLoopback(host: string): boolean {
  return /^(localhost|127(\.\d+){3}|\[::1\])$/i.test(host);
}
