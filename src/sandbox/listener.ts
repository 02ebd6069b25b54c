import { baseUrlOf, isLoopback, localUrlOf, type Scheme } from "../config/addresses.ts";
import { ConfigError } from "../config/config.ts";
import { describeExposure, exposureFault, isExposed } from "../config/exposure.ts";
import { schemeOf, type Tls } from "../config/tls.ts";
import type { Addresses } from "../http/env.ts";
import { descriptorLimit } from "../platform/descriptors.ts";
import type { Log } from "../platform/log.ts";
import { machineAddresses, type RunningServer, type ServerOptions, startServer } from "../platform/server.ts";
import { unreadableLog } from "./logs.ts";
import { type PhoneAddress, phoneAddress } from "./phone-address.ts";
import { type OpenTls, openTls } from "./tls.ts";

/** Files and sockets that a process needs besides the connections of clients: modules, database, webhooks. */
const otherDescriptors = 128;

type ListenerEvent = "onFull" | "onAcceptError" | "onUnreadable";

/** Options of the listener. */
export interface ListenerOptions extends Omit<ServerOptions, "host" | "port" | "tls" | ListenerEvent> {
  readonly publicUrl: string | undefined;
  readonly adminToken: string | undefined;
  readonly tls: Tls | undefined;
  /** Further names for a certificate that the sandbox makes. */
  readonly allowHosts: readonly string[];
  /** Logged when the sandbox starts to listen. */
  readonly keysNotice: string | undefined;
  /** Whether the keys are the public ones, because the sandbox was created for loopback. */
  readonly hasDefaultKeys: boolean;
  readonly log: Log;
}

/** The HTTP server of a sandbox, and the URLs that depend on its address. */
export class Listener {
  readonly #options: ListenerOptions;
  readonly #publicUrl: string | undefined;
  readonly addresses: Addresses;
  readonly #scheme: Scheme;
  #tls: OpenTls | undefined;
  #server: RunningServer | undefined;
  #boundUrl: string | undefined;
  #isStarted = false;
  #isClosed = false;

  constructor(options: ListenerOptions) {
    this.#options = options;
    const { publicUrl } = options;
    this.#publicUrl = publicUrl;
    this.#scheme = schemeOf(options.tls);
    this.addresses = {
      basePath: publicUrl === undefined ? "" : new URL(publicUrl).pathname.replace(/\/$/, ""),
      base: (requestOrigin) => publicUrl ?? this.#bound() ?? requestOrigin,
      phone: (requestOrigin) => this.#phone(requestOrigin),
    };
  }

  /** The URL by which this process reaches the sandbox; `undefined` before it listens. */
  ownUrl(): string | undefined {
    if (this.#server === undefined) return undefined;
    const { host, port } = this.#server.address;
    return localUrlOf(host, port, this.#scheme);
  }

  /** The certificate, while the sandbox listens with TLS. */
  get tls(): OpenTls | undefined {
    return this.#tls;
  }

  /** Whether other machines can reach the sandbox. */
  isReachable(): boolean {
    return this.#server !== undefined && !isLoopback(this.#server.address.host);
  }

  async listen(host: string, port: number): Promise<string> {
    if (this.#isClosed) throw new ConfigError("The sandbox is closed.");
    if (this.#isStarted) throw new ConfigError("The sandbox listens already.");
    const fault = this.#faultOf(host);
    if (fault !== undefined) throw new ConfigError(fault);
    this.#isStarted = true;
    try {
      const onUnreadable = unreadableLog(this.#options.log);
      const { tls: source, allowHosts, ...options } = this.#options;
      const names = () => certificateNames(host, this.#publicUrl, allowHosts);
      this.#tls = source && (await openTls(source, names));
      const at = { host, port, tls: this.#tls };
      this.#server = await startServer({ ...options, ...this.#connectionLimit(), onUnreadable, ...at });
    } catch (error) {
      this.#isStarted = false;
      this.#tls?.close();
      this.#tls = undefined;
      throw error;
    }
    if (this.#isClosed) await this.close();
    const { keysNotice: message, log } = this.#options;
    if (message !== undefined) log({ event: "keys", message });
    return this.#bound() as string;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#server?.close();
    this.#tls?.close();
    this.#tls = undefined;
  }

  /** The maximum of connections, and what to log at it. It leaves descriptors for everything else. */
  #connectionLimit(): Pick<ServerOptions, "connectionsMax" | "onFull" | "onAcceptError"> {
    const { connectionsMax: wanted, log } = this.#options;
    const files = descriptorLimit() ?? Number.POSITIVE_INFINITY;
    const connectionsMax = Math.min(wanted, Math.max(files - otherDescriptors, 1));
    if (connectionsMax < wanted) {
      const message =
        `This process can open ${files} files (ulimit -n): the maximum of connections is ${connectionsMax}, ` +
        `not ${wanted}.`;
      log({ event: "connections", message });
    }
    const onFull = () => {
      const message =
        `There are ${connectionsMax} connections, the maximum: idle ones are closed for new ones, and while there is ` +
        "none, new requests get 503. --connections-max sets the maximum.";
      log({ event: "connections", message });
    };
    const onAcceptError = ({ message }: Error) => {
      log({ event: "connections", message: `A connection could not be accepted: ${message}.` });
    };
    return { connectionsMax, onFull, onAcceptError };
  }

  #faultOf(host: string): string | undefined {
    const reach = { host, publicUrl: this.#publicUrl };
    const { adminToken, hasDefaultKeys } = this.#options;
    if (isExposed(reach) && hasDefaultKeys && adminToken !== undefined) {
      return `${describeExposure(reach)}: then the option seed must be a secret, because the default keys are public.`;
    }
    return exposureFault(reach, adminToken);
  }

  #bound(): string | undefined {
    if (this.#server === undefined) return undefined;
    const { host, port } = this.#server.address;
    this.#boundUrl ??= baseUrlOf(host, port, this.#scheme);
    return this.#boundUrl;
  }

  #phone(requestOrigin: string): PhoneAddress {
    const scheme = this.#scheme;
    if (this.#server !== undefined) return phoneAddress(this.#publicUrl, { ...this.#server.address, scheme });
    if (this.#publicUrl === undefined) return { base: requestOrigin, reachable: false };
    return phoneAddress(this.#publicUrl, { host: "localhost", port: 0, scheme });
  }
}

/** Names and addresses under which a client may reach a sandbox: its certificate has them. */
function certificateNames(host: string, publicUrl: string | undefined, allowHosts: readonly string[]): string[] {
  const everywhere = ["0.0.0.0", "::"].includes(host) ? machineAddresses() : [host.replace(/%.*/, "")];
  const publicHost = publicUrl === undefined ? [] : [new URL(publicUrl).hostname.replace(/^\[|\]$/g, "")];
  const allowed = allowHosts.flatMap((name) => (name.startsWith(".") ? [name.slice(1), `*${name}`] : [name]));
  return [...new Set(["localhost", "127.0.0.1", "::1", ...everywhere, ...publicHost, ...allowed])];
}
