import { existsSync } from "node:fs";
import { join } from "node:path";
import { connectSandbox, connectTo, type Trust } from "../client/connect.ts";
import { type ConnectedSandbox, SandboxError } from "../client/handle.ts";
import { reasonOf } from "../client/request.ts";
import { localUrlOf, urlOf } from "../config/addresses.ts";
import { type Config, ConfigError, configFromCommandLine } from "../config/config.ts";
import { schemeOf } from "../config/tls.ts";
import type { Flag, Flags } from "./command.ts";
import { readFile } from "./offline-sandbox.ts";

/** Address of a running sandbox, and its admin token. */
export interface Server {
  readonly url: string;
  readonly adminToken: string | undefined;
  /** Certificates of the CAs that it trusts, PEM; `undefined` for those that Node trusts. */
  readonly ca: string | undefined;
}

export const adminTokenFlag: Flag = {
  name: "admin-token",
  placeholder: "TOKEN",
  help: "its admin token (default SANDBOX_ADMIN_TOKEN)",
};

export const caFlag: Flag = {
  name: "ca",
  placeholder: "FILE",
  help: "PEM file with the CA of its certificate (default: the one in SANDBOX_TLS_DIR)",
};

/** Flags by which a command finds a running sandbox. */
export const serverFlags: readonly Flag[] = [
  { name: "url", placeholder: "URL", help: "a running sandbox (default: the one at --host and --port)" },
  { name: "host", placeholder: "ADDRESS", help: "address that serve listens on (default SANDBOX_HOST or 127.0.0.1)" },
  { name: "port", placeholder: "PORT", help: "port that serve listens on (default SANDBOX_PORT or 8852)" },
  adminTokenFlag,
  caFlag,
];

/**
 * The sandbox at `--url`, or the one that `serve` starts with the same flags and environment.
 * @param urlFlag name of the flag, where another one names the sandbox.
 */
export function serverOf(flags: Flags, urlFlag = "url"): Server {
  const given = { host: flags.host, port: flags.port, "admin-token": flags["admin-token"] };
  const config = configFromCommandLine(given);
  const { host, port, adminToken, tls } = config;
  if (flags[urlFlag] === undefined && port === 0) {
    throw new ConfigError(
      `The port is 0, so the URL is unknown; expected --port, or the --${urlFlag} of a running sandbox.`,
    );
  }
  const { [urlFlag]: url = localUrlOf(host, port, schemeOf(tls)) } = flags;
  if (!/^https?:\/\/[^\s/?#@]+\/?$/i.test(url) || !URL.canParse(url)) {
    const example = urlOf("127.0.0.1", port);
    throw new ConfigError(`--${urlFlag} is ${JSON.stringify(url)}; expected the URL of a sandbox, such as ${example}.`);
  }
  const { origin } = new URL(url);
  return { url: origin, adminToken: adminToken === "none" ? undefined : adminToken, ca: caOf(flags, config) };
}

/** The CA of `--ca`, or the one that `serve` keeps in a folder. */
function caOf({ ca }: Flags, { tls }: Config): string | undefined {
  if (ca !== undefined) {
    const text = readFile("--ca", ca).toString("utf8");
    if (text.includes("-----BEGIN CERTIFICATE-----")) return text;
    throw new ConfigError(`--ca is ${JSON.stringify(ca)}, which contains no certificate; expected a CA in PEM.`);
  }
  const kept = tls?.kind === "self_signed" && tls.dir !== undefined ? join(tls.dir.path, "ca.pem") : undefined;
  return kept !== undefined && existsSync(kept) ? readFile("SANDBOX_TLS_DIR", kept).toString("utf8") : undefined;
}

/**
 * Sends a request to a running sandbox. Rejects with `SandboxError` if there is no answer.
 * @param trust by default its CA, or what Node trusts.
 */
export async function send(
  { url, adminToken, ca }: Server,
  path: string,
  init: RequestInit = {},
  trust: Trust | undefined = ca === undefined ? undefined : { ca },
): Promise<Response> {
  try {
    return await connectTo(url, { adminToken, trust }).fetch(path, init);
  } catch (error) {
    throw new SandboxError("unreachable", `No sandbox answers at ${url}: ${reasonOf(error)}.`);
  }
}

/** Handle of a running sandbox. */
export function connect(flags: Flags): Promise<ConnectedSandbox> {
  const { url, adminToken, ca } = serverOf(flags);
  return connectSandbox(url, { adminToken, ca });
}

/** Names the subject in the error for a record that does not exist. */
export function orNotFound(subject: string, place = "the sandbox"): (error: unknown) => never {
  return (error) => {
    const isUnknown = error instanceof SandboxError && error.code === "not_found";
    throw isUnknown ? new SandboxError(error.code, `There is no ${subject} in ${place}.`) : error;
  };
}
