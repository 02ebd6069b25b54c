import { connectSandbox } from "../client/connect.ts";
import { type ConnectedSandbox, SandboxError } from "../client/handle.ts";
import { ConfigError, configFromCommandLine, isLoopback } from "../config/config.ts";
import type { Flags, Positionals } from "./command.ts";

/** Where a running sandbox is, and what it wants to be told first. */
interface Server {
  readonly url: string;
  readonly adminToken: string | undefined;
}

/** The flags by which a running sandbox is found. */
export const serverFlags: readonly string[] = ["url", "admin-token"];

const anyAddress: Readonly<Record<string, string>> = { "0.0.0.0": "127.0.0.1", "::": "::1" };

/** The URL of an address and a port. */
function urlOf(host: string, port: number): string {
  return `http://${host.includes(":") ? `[${host}]` : host}:${port}`;
}

/** The sandbox that `--url` names, else the one that would be started here. */
export function serverOf(flags: Flags): Server {
  const { host, port, adminToken } = configFromCommandLine({ "admin-token": flags["admin-token"] });
  const { url = urlOf(anyAddress[host] ?? host, port) } = flags;
  if (!/^https?:\/\/[^\s/?#@]+\/?$/i.test(url) || !URL.canParse(url)) {
    throw new ConfigError(
      `--url is ${JSON.stringify(url)}: allowed is the URL of a sandbox, like ${urlOf("127.0.0.1", port)}.`,
    );
  }
  return { url: new URL(url).origin, adminToken: adminToken === "none" ? undefined : adminToken };
}

/** Sends a request to a running sandbox. Rejects with `SandboxError` where none answers. */
export async function send({ url, adminToken }: Server, path: string, init: RequestInit = {}): Promise<Response> {
  const headers: Record<string, string> = adminToken === undefined ? {} : { Authorization: `Bearer ${adminToken}` };
  try {
    return await fetch(url + path, { redirect: "manual", ...init, headers });
  } catch (error) {
    const { cause } = error as { cause?: { message?: string; code?: string } };
    const reason = cause?.message || cause?.code || (error as Error).message;
    throw new SandboxError("unreachable", `No sandbox answers at ${url}: ${reason}.`);
  }
}

/** The handle of a running sandbox. */
export function connect(flags: Flags): Promise<ConnectedSandbox> {
  const { url, adminToken } = serverOf(flags);
  return connectSandbox(url, { adminToken });
}

/** The base of the URLs that a sandbox hands out which would be started so. */
export function baseOf({ publicUrl, host, port }: ReturnType<typeof configFromCommandLine>): string {
  if (publicUrl !== undefined) return publicUrl;
  if (port === 0) {
    throw new ConfigError(
      "The port is 0, any free one: give --port, or --public-url, or the --url of a sandbox that is running.",
    );
  }
  return urlOf(isLoopback(host) ? host : "localhost", port);
}

export async function ready(flags: Flags): Promise<void> {
  const server = serverOf(flags);
  const answer = await send(server, "/_sandbox/ready");
  const told = (await answer.json().catch(() => undefined)) as { status?: string; version?: string } | undefined;
  if (told?.status !== "ready") {
    const what = typeof told?.status === "string" ? `it is ${told.status}` : `it answers ${answer.status}`;
    throw new SandboxError("not_ready", `The sandbox at ${server.url} is not ready: ${what}.`);
  }
  process.stdout.write(`The sandbox at ${server.url} is ready: version ${told.version}.\n`);
}

/** What the sandbox is asked to do; it knows itself what it can. */
type Acting = Parameters<ConnectedSandbox["payments"]["act"]>;

export async function trigger(flags: Flags, [action = "", paymentId = ""]: Positionals): Promise<void> {
  const sandbox = await connect(flags);
  const acting = sandbox.payments.act(paymentId, action as Acting[1], flags.reason as Acting[2]);
  const { status } = await acting.catch(named(`payment ${paymentId}`));
  process.stdout.write(`${status}\n`);
}

export async function resend(flags: Flags, [id = ""]: Positionals): Promise<void> {
  const sandbox = await connect(flags);
  const { state } = await sandbox.notifications.resend(id).catch(named(`notification ${id}`));
  process.stdout.write(`An attempt is due now; the notification was ${state}.\n`);
}

/** Says of what is not found what it is. */
function named(what: string): (error: unknown) => never {
  return (error) => {
    const isUnknown = error instanceof SandboxError && error.code === "not_found";
    throw isUnknown ? new SandboxError(error.code, `There is no ${what} in the sandbox.`) : error;
  };
}
