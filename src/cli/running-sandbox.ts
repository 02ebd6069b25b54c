import { connectSandbox } from "../client/connect.ts";
import { type ConnectedSandbox, SandboxError } from "../client/handle.ts";
import { localUrlOf, urlOf } from "../config/addresses.ts";
import { ConfigError, configFromCommandLine } from "../config/config.ts";
import type { Flag, Flags } from "./command.ts";

/** Address of a running sandbox, and its admin token. */
export interface Server {
  readonly url: string;
  readonly adminToken: string | undefined;
}

export const adminTokenFlag: Flag = {
  name: "admin-token",
  placeholder: "TOKEN",
  help: "its admin token (default SANDBOX_ADMIN_TOKEN)",
};

/** Flags by which a command finds a running sandbox. */
export const serverFlags: readonly Flag[] = [
  { name: "url", placeholder: "URL", help: "a running sandbox (default: the one at --host and --port)" },
  { name: "host", placeholder: "ADDRESS", help: "address that serve listens on (default SANDBOX_HOST or 127.0.0.1)" },
  { name: "port", placeholder: "PORT", help: "port that serve listens on (default SANDBOX_PORT or 8852)" },
  adminTokenFlag,
];

/**
 * The sandbox at `--url`, or the one that `serve` starts with the same flags and environment.
 * @param urlFlag name of the flag, where another one names the sandbox.
 */
export function serverOf(flags: Flags, urlFlag = "url"): Server {
  const given = { host: flags.host, port: flags.port, "admin-token": flags["admin-token"] };
  const { host, port, adminToken } = configFromCommandLine(given);
  if (flags[urlFlag] === undefined && port === 0) {
    throw new ConfigError(
      `The port is 0, so the URL is unknown; expected --port, or the --${urlFlag} of a running sandbox.`,
    );
  }
  const { [urlFlag]: url = localUrlOf(host, port) } = flags;
  if (!/^https?:\/\/[^\s/?#@]+\/?$/i.test(url) || !URL.canParse(url)) {
    const example = urlOf("127.0.0.1", port);
    throw new ConfigError(`--${urlFlag} is ${JSON.stringify(url)}; expected the URL of a sandbox, such as ${example}.`);
  }
  return { url: new URL(url).origin, adminToken: adminToken === "none" ? undefined : adminToken };
}

/** Sends a request to a running sandbox. Rejects with `SandboxError` if there is no answer. */
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

/** Handle of a running sandbox. */
export function connect(flags: Flags): Promise<ConnectedSandbox> {
  const { url, adminToken } = serverOf(flags);
  return connectSandbox(url, { adminToken });
}

/** Names the subject in the error for a record that does not exist. */
export function orNotFound(subject: string, place = "the sandbox"): (error: unknown) => never {
  return (error) => {
    const isUnknown = error instanceof SandboxError && error.code === "not_found";
    throw isUnknown ? new SandboxError(error.code, `There is no ${subject} in ${place}.`) : error;
  };
}
