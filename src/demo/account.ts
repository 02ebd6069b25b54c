import { type Contract, usualContract } from "./contract.ts";
import type { Credentials, Send } from "./nomupay.ts";

/** The shop's account at the provider. */
export interface Account {
  /** With `baseUrl` as this server reaches the provider. */
  readonly credentials: Credentials;
  /** Address of the sandbox, and of this shop, for browsers. */
  readonly publicUrl: string;
  /** The shop's webhook endpoint. */
  readonly webhookUrl: string;
}

/** Settings of the shop. */
export interface AccountOptions {
  /** Sends a request to the sandbox: `fetch`, or one that trusts the sandbox's certificate. */
  readonly send?: Send | undefined;
  /** Address of the sandbox for this server. */
  readonly sandboxUrl: string;
  /** The sandbox's admin token, if it has one. Only this file uses it. */
  readonly adminToken: string | undefined;
  readonly merchantName: string;
  /** A PNG or JPEG image as a data URL. */
  readonly merchantLogo: string;
}

/** Where the shop has its account from. */
export interface AccountSource {
  /** The account. Another one is another shop, without orders. */
  current(): Promise<Account>;
  /** The contract of new payments. */
  readonly contract: Contract;
  /** Address of the logo at the sandbox, if there is one. */
  readonly logo: string | undefined;
}

/** The members of the world's settings that the shop reads. */
interface WorldSettings {
  readonly webhookUrl?: string;
  readonly merchantLogo?: string;
  readonly contract?: Partial<Contract>;
}

/** The shop could not open an account. */
export class NoAccountError extends Error {
  override readonly name = "NoAccountError";
  /** Status of the sandbox's response. */
  readonly status: number;

  constructor(status: number) {
    super(`The sandbox did not open an account for the demo shop: status ${status}.`);
    this.status = status;
  }
}

/**
 * Opens the account. Your own shop does not need this file: the provider opens an account by contract, and its support
 * registers the webhook URL. In the sandbox, creating a world does both.
 */
export class AccountOpener implements AccountSource {
  readonly #options: AccountOptions;
  #latest: Promise<Account | undefined> = Promise.resolve(undefined);
  #logo: string | undefined;
  #contract = usualContract;

  constructor(options: AccountOptions) {
    this.#options = options;
  }

  /** Address of the logo at the sandbox; absent if somebody removed it there. */
  get logo(): string | undefined {
    return this.#logo;
  }

  /** The world can get another contract at any time. */
  get contract(): Contract {
    return this.#contract;
  }

  /** The account. After a reset of the sandbox it is a new one. */
  current(): Promise<Account> {
    const current = this.#latest
      .catch(() => undefined)
      .then(async (account) => (account !== undefined && (await this.#isOpen(account)) ? account : this.#open()));
    this.#latest = current;
    return current;
  }

  async #isOpen({ credentials, webhookUrl }: Account): Promise<boolean> {
    const response = await this.#request("GET", `/_sandbox/worlds/${credentials.processingAccountId}`);
    if (!response.ok) return false;
    const { settings } = (await response.json()) as { settings: WorldSettings };
    this.#logo = settings.merchantLogo;
    this.#contract = { ...usualContract, ...settings.contract };
    // With a seed, ids repeat after a reset: another merchant may have this one.
    return settings.webhookUrl === webhookUrl;
  }

  async #open(): Promise<Account> {
    const { sandboxUrl, merchantName, merchantLogo } = this.#options;
    const webhookUrl = `${sandboxUrl}/demo/webhooks`;
    // The sandbox is its own client here, and need not trust the CA of its certificate.
    const tls = sandboxUrl.startsWith("https:") ? { webhookTls: "accept_any" } : {};
    const settings = { webhookUrl, merchantName, merchantLogo, ...tls };
    const response = await this.#request("POST", "/_sandbox/worlds", { settings });
    if (!response.ok) throw new NoAccountError(response.status);
    const credentials = (await response.json()) as Credentials;
    const account = {
      credentials: { ...credentials, baseUrl: sandboxUrl },
      publicUrl: credentials.baseUrl,
      webhookUrl,
    };
    await this.#isOpen(account);
    return account;
  }

  #request(method: string, path: string, content?: object): Promise<Response> {
    const { sandboxUrl, adminToken, send = fetch } = this.#options;
    return send(sandboxUrl + path, {
      method,
      headers: adminToken === undefined ? {} : { Authorization: `Bearer ${adminToken}` },
      ...(content === undefined ? {} : { body: JSON.stringify(content) }),
    });
  }
}
