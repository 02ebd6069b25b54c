import { baseUrlOf, isLoopback, localUrlOf, urlOf } from "../config/addresses.ts";
import { ConfigError } from "../config/config.ts";
import type { Addresses } from "../http/env.ts";
import { firstPrivateIpv4, type RunningServer, type ServerOptions, startServer } from "../platform/server.ts";

/** The HTTP server of a sandbox, and the URLs that depend on its address. */
export class Listener {
  readonly #options: Omit<ServerOptions, "host" | "port">;
  readonly #publicUrl: string | undefined;
  readonly #openControl: boolean;
  #server: RunningServer | undefined;
  #isStarted = false;
  #isClosed = false;

  /** @param openControl whether other machines may reach the control surface, because an admin token is set. */
  constructor(options: Omit<ServerOptions, "host" | "port">, publicUrl: string | undefined, openControl: boolean) {
    this.#options = options;
    this.#publicUrl = publicUrl;
    this.#openControl = openControl;
  }

  readonly addresses: Addresses = {
    base: (requestOrigin) => this.#publicUrl ?? this.#bound() ?? requestOrigin,
    phone: (requestOrigin) => this.#phone(requestOrigin),
  };

  /** The URL by which this process reaches the sandbox; `undefined` before it listens. */
  ownUrl(): string | undefined {
    if (this.#server === undefined) return undefined;
    const { host, port } = this.#server.address;
    return localUrlOf(host, port);
  }

  async listen(host: string, port: number): Promise<string> {
    if (this.#isClosed) throw new ConfigError("The sandbox is closed.");
    if (this.#isStarted) throw new ConfigError("The sandbox listens already.");
    if (!isLoopback(host) && !this.#openControl) {
      throw new ConfigError(
        `The host is ${JSON.stringify(host)}, which other machines can reach: then --admin-token must be a secret, ` +
          "or none to let everybody control the sandbox.",
      );
    }
    this.#isStarted = true;
    try {
      this.#server = await startServer({ ...this.#options, host, port });
    } catch (error) {
      this.#isStarted = false;
      throw error;
    }
    if (this.#isClosed) await this.close();
    return this.#bound() as string;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#server?.close();
  }

  #bound(): string | undefined {
    if (this.#server === undefined) return undefined;
    const { host, port } = this.#server.address;
    return baseUrlOf(host, port);
  }

  #phone(requestOrigin: string): { base: string; reachable: boolean } {
    if (this.#publicUrl !== undefined) {
      return { base: this.#publicUrl, reachable: !isLoopback(new URL(this.#publicUrl).hostname) };
    }
    if (this.#server === undefined) return { base: requestOrigin, reachable: false };
    const { host, port } = this.#server.address;
    if (isLoopback(host)) return { base: urlOf(host, port), reachable: false };
    const address = host === "0.0.0.0" || host === "::" ? firstPrivateIpv4() : host;
    return address === undefined
      ? { base: urlOf("localhost", port), reachable: false }
      : { base: urlOf(address, port), reachable: true };
  }
}
