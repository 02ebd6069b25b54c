import type { Credentials } from "./nomupay.ts";

/** The shop's account at the provider. */
export interface Account {
  /** With `baseUrl` as this server reaches the provider. */
  readonly credentials: Credentials;
  /** Where browsers reach the sandbox, and so this shop. */
  readonly publicUrl: string;
  /** Where the provider sends its webhooks. */
  readonly webhookUrl: string;
}

/** What the shop is told when it starts. */
export interface AccountOptions {
  /** Where this server reaches the sandbox. */
  readonly sandboxUrl: string;
  /** The sandbox's admin token, if it has one. It stays in this file. */
  readonly adminToken: string | undefined;
  readonly merchantName: string;
}

/** The shop has no account. */
export class NoAccountError extends Error {
  override readonly name = "NoAccountError";
}

/**
 * Opens the account. This is the one file that a shop of your own does without: the provider opens an account by contract,
 * and its support notes the URL for webhooks. The sandbox does both when it is asked to open a world.
 */
export class AccountOpener {
  readonly #options: AccountOptions;
  #latest: Promise<Account | undefined> = Promise.resolve(undefined);

  constructor(options: AccountOptions) {
    this.#options = options;
  }

  /** The account, which is a new one after the sandbox was reset. */
  current(): Promise<Account> {
    const current = this.#latest
      .catch(() => undefined)
      .then(async (account) => (account !== undefined && (await this.#isOpen(account)) ? account : this.#open()));
    this.#latest = current;
    return current;
  }

  async #isOpen({ credentials, webhookUrl }: Account): Promise<boolean> {
    const answer = await this.#ask("GET", `/_sandbox/worlds/${credentials.processingAccountId}`);
    if (!answer.ok) return false;
    const { settings } = (await answer.json()) as { settings: { webhookUrl?: string } };
    // With a seed the ids begin anew after a reset: then this may be somebody else's.
    return settings.webhookUrl === webhookUrl;
  }

  async #open(): Promise<Account> {
    const { sandboxUrl, merchantName } = this.#options;
    const webhookUrl = `${sandboxUrl}/demo/webhooks`;
    const answer = await this.#ask("POST", "/_sandbox/worlds", { settings: { webhookUrl, merchantName } });
    if (!answer.ok)
      throw new NoAccountError(`The sandbox opens no account for the demo shop: it answers ${answer.status}.`);
    const given = (await answer.json()) as Credentials;
    return { credentials: { ...given, baseUrl: sandboxUrl }, publicUrl: given.baseUrl, webhookUrl };
  }

  #ask(method: string, path: string, content?: object): Promise<Response> {
    const { sandboxUrl, adminToken } = this.#options;
    return fetch(sandboxUrl + path, {
      method,
      headers: adminToken === undefined ? {} : { Authorization: `Bearer ${adminToken}` },
      ...(content === undefined ? {} : { body: JSON.stringify(content) }),
    });
  }
}
